/** The page of offers and grants: requests and decisions, and those of others as they come. */

import { listen } from "../live.js";
import { refresh, sendForms, soon } from "./forms.js";

sendForms();
listen(["grant.changed"], soon(() => void refresh()));
