/** The list of stocktakes: open one, and see how the others get on. */

import { listen } from "../live.js";
import { refresh, sendForms, soon } from "./forms.js";

export const KINDS = ["counting", "to_approve", "posted", "cancelled"].map((state) => `stock.stocktake_${state}`);

sendForms();
listen(KINDS, soon(() => void refresh()));
