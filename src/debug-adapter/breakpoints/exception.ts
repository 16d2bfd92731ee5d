import { exceptionFiltersOf } from "../../model/debug/exception-filters.ts";
import { builtInDeviceClasses } from "../../model/device-model/hw/pci/devices.ts";
import type { ExceptionFilter } from "../../model/protocol/debug.ts";
import { arrayOf, object, optional, string } from "../check.ts";
import { RequestError } from "../request-error.ts";
import type { Handlers } from "../requests.ts";
import { thread } from "../threads.ts";
import { EVERYTHING } from "./store.ts";

const setArguments = object({
  filters: arrayOf(string),
  filterOptions: optional(arrayOf(object({ filterId: string, condition: optional(string) }))),
});

/** What goes wrong without anybody's mistake in the tool; the rest Linux does on purpose while it looks for devices. */
const ON_AT_FIRST: readonly ExceptionFilter[] = ["stuck", "guestPanic"];

const exceptionFilters = exceptionFiltersOf(builtInDeviceClasses);

/** The filters as `initialize` announces them. */
export const exceptionBreakpointFilters = Object.entries(exceptionFilters).map(([filter, label]) => ({
  filter,
  label,
  default: ON_AT_FIRST.includes(filter),
  supportsCondition: true,
  conditionDescription: "An expression over the frame's values, such as queue == 1",
}));

export const exceptionBreakpoints = {
  async setExceptionBreakpoints(args, { session }) {
    const { filters, filterOptions } = setArguments(args, "setExceptionBreakpoints");
    const wanted = [
      ...filters.map((filter) => ({ filter: filterOf(filter) })),
      ...(filterOptions ?? []).map(({ filterId, condition }) => ({
        filter: filterOf(filterId),
        ...(condition?.trim() ? { condition } : {}),
      })),
    ];
    session.breakpoints.exceptions = wanted;
    const refused = await session.breakpoints.arm(session);
    return {
      breakpoints: wanted.map(({ filter }) => {
        const message = (refused.get(filter) ?? refused.get(EVERYTHING))?.message;
        return { verified: message === undefined, ...(message === undefined ? {} : { message }) };
      }),
    };
  },

  exceptionInfo(args, { session }) {
    object({ threadId: thread })(args, "exceptionInfo");
    const { exception } = session.stopped("exceptionInfo");
    if (exception === undefined) throw new RequestError("exceptionInfo: the machine has not stopped on an exception");
    const { id, description, rule, details, guestCode } = exception;
    return {
      exceptionId: id,
      description,
      breakMode: "always",
      details: {
        message: [rule, ...details].filter((line) => line !== "").join("\n"),
        typeName: exceptionFilters[id],
        ...(guestCode.length > 0 ? { stackTrace: guestCode.join("\n") } : {}),
      },
    };
  },
} satisfies Handlers;

function filterOf(filter: string): ExceptionFilter {
  if (Object.hasOwn(exceptionFilters, filter)) return filter;
  const known = Object.keys(exceptionFilters).join(", ");
  throw new RequestError(`setExceptionBreakpoints: "${filter}" is no filter; there are ${known}`);
}
