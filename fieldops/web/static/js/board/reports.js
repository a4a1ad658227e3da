/** Reports from the field that wait: decide about them, and see what others decided. */

import { listen } from "../live.js";
import { refresh, sendForms, soon } from "../stock/forms.js";

sendForms();
listen(["job.changed"], soon(() => void refresh()));
