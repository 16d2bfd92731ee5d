import type { BreakpointRules } from "../../model/protocol/debug.ts";
import { optional, string } from "../check.ts";

/** The rules of any breakpoint, as the protocol names them. */
export const ruleFields = {
  condition: optional(string),
  hitCondition: optional(string),
  logMessage: optional(string),
};

/** Empty texts are none. */
export function rulesOf(given: { readonly [K in keyof typeof ruleFields]?: string | undefined }): BreakpointRules {
  const rules: { -readonly [K in keyof BreakpointRules]: BreakpointRules[K] } = {};
  if (given.condition?.trim()) rules.condition = given.condition;
  if (given.hitCondition?.trim()) rules.hitCondition = given.hitCondition;
  if (given.logMessage) rules.logMessage = given.logMessage;
  return rules;
}
