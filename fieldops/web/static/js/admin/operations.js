/** Long work and schedules as they get on: each change shows at once, and the forms of administration work here, too. */

import { listen } from "../live.js";
import { refresh, soon } from "../stock/forms.js";
import "./forms.js";

listen(["operation.changed"], soon(() => void refresh()));
