/** The list of orders and the page of one: take the next step, and see what others do with them. */

import { listen } from "../live.js";
import { refresh, sendForms, soon } from "./forms.js";

const KINDS = ["drafted", "changed", "released", "shipped", "received", "cancelled"].map((step) => `order.${step}`);

sendForms();
listen(KINDS, soon(() => void refresh()));
