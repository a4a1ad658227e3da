/** The list of what happened: what is new appears on top. */

import { listen } from "../live.js";
import { refresh, soon } from "../stock/forms.js";

const list = document.getElementById("live-news");
if (!location.search.includes("cursor=")) listen(JSON.parse(list?.dataset.kinds ?? "[]"), soon(() => void refresh()));
