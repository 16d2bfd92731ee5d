import { dataBreakpoints } from "./breakpoints/data.ts";
import { exceptionBreakpoints } from "./breakpoints/exception.ts";
import { functionBreakpoints } from "./breakpoints/function.ts";
import { sourceBreakpoints } from "./breakpoints/source.ts";
import { consoleRequests } from "./console/requests.ts";
import { disassembly } from "./disassembly.ts";
import { ending } from "./ending.ts";
import { lifecycle } from "./lifecycle.ts";
import { memory } from "./memory.ts";
import { modules } from "./modules.ts";
import type { AcrnHandlers, Handlers } from "./requests.ts";
import { stack } from "./stack.ts";
import { stepping } from "./stepping.ts";
import { threads } from "./threads.ts";
import { variables } from "./variables.ts";
import { views } from "./views.ts";

/** Every request, feature by feature; each of protocol.ts has to be among them. */
export const features = {
  ...{ ...lifecycle, ...ending, ...consoleRequests, ...threads, ...stack, ...variables, ...stepping, ...memory },
  ...{ ...disassembly, ...modules, ...views },
  ...{ ...sourceBreakpoints, ...functionBreakpoints, ...dataBreakpoints, ...exceptionBreakpoints },
} satisfies AcrnHandlers & Handlers;
