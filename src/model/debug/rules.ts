import { formatNode, formatScalar } from "../inspect/format.ts";
import { isNode } from "../inspect/node.ts";
import type { BreakpointRules } from "../protocol/debug.ts";
import { evaluate, isTrue, type Scope } from "./expression/evaluate.ts";
import { type Expression, namesIn, parseExpression } from "./expression/parse.ts";
import { DebugError } from "./target.ts";

/** Condition, hit count and message of a breakpoint, parsed when it is set. */
export interface Rules {
  readonly condition: Expression | undefined;
  readonly hits: ((count: number) => boolean) | undefined;
  readonly message: readonly (string | Expression)[] | undefined;
}

/** Parses the rules. `isKnown` tells whether a name can mean something where they will be evaluated. */
export function parseRules(rules: BreakpointRules, isKnown: (name: string) => boolean): Rules {
  const text = (value: string | undefined): string | undefined => (value?.trim() === "" ? undefined : value);
  const condition = text(rules.condition);
  const hits = text(rules.hitCondition);
  const message = text(rules.logMessage);
  return {
    condition: condition === undefined ? undefined : checked(condition, isKnown),
    hits: hits === undefined ? undefined : parseHitCondition(hits),
    message: message === undefined ? undefined : parseMessage(message, isKnown),
  };
}

export function checked(text: string, isKnown: (name: string) => boolean): Expression {
  const expression = parseExpression(text);
  const unknown = [...namesIn(expression)].filter((name) => !isKnown(name));
  if (unknown.length > 0) throw new DebugError(`${unknown.join(", ")}: not known there`);
  return expression;
}

function parseHitCondition(text: string): (count: number) => boolean {
  const match = /^(>=|<=|==|=|>|<|%)?\s*(\d{1,9})$/.exec(text.trim());
  if (match === null)
    throw new DebugError(`hit condition "${text}": expected a number, or >=, >, ==, <, <= or % and a number`);
  const number = Number(match[2]);
  switch (match[1]) {
    case ">=":
      return (count) => count >= number;
    case ">":
      return (count) => count > number;
    case "<":
      return (count) => count < number;
    case "<=":
      return (count) => count <= number;
    case "%":
      if (number === 0) throw new DebugError(`hit condition "${text}": every 0th hit`);
      return (count) => count % number === 0;
    default:
      return (count) => count === number;
  }
}

/** Text and expressions in turn; `{{` and `}}` stand for braces. */
function parseMessage(text: string, isKnown: (name: string) => boolean): (string | Expression)[] {
  const parts: (string | Expression)[] = [];
  let plain = "";
  for (let i = 0; i < text.length; i++) {
    const pair = text.slice(i, i + 2);
    if (pair === "{{" || pair === "}}") {
      plain += pair[0];
      i++;
    } else if (text[i] === "{") {
      const end = text.indexOf("}", i);
      if (end < 0) throw new DebugError(`log message: "{" at ${i} without "}"`);
      parts.push(plain, checked(text.slice(i + 1, end), isKnown));
      plain = "";
      i = end;
    } else {
      plain += text[i];
    }
  }
  parts.push(plain);
  return parts.filter((part) => part !== "");
}

/** A condition that cannot be evaluated here is not met; the error is told by those who set it, at arming. */
export function isMet(condition: Expression | undefined, scope: Scope): boolean {
  if (condition === undefined) return true;
  try {
    return isTrue(evaluate(condition, scope));
  } catch (error) {
    if (error instanceof DebugError) return false;
    throw error;
  }
}

/** The text of a log point; what has no value says why. */
export function renderMessage(parts: readonly (string | Expression)[], scope: Scope): string {
  return parts.map((part) => (typeof part === "string" ? part : render(part, scope))).join("");
}

function render(expression: Expression, scope: Scope): string {
  try {
    const value = evaluate(expression, scope);
    const style = { hex: false, plain: true };
    return isNode(value) ? formatNode(value, style) : formatScalar(value, {}, style);
  } catch (error) {
    if (error instanceof DebugError) return `{${error.message}}`;
    throw error;
  }
}
