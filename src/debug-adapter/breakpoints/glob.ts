/**
 * Whether `pattern` means the whole of `name`: `*` is any run of characters, `?` any one, everything else itself. A regular expression
 * made of a pattern can take for ever; here at most the last `*` is ever tried again, a step further each time.
 */
export function globMatches(pattern: string, name: string): boolean {
  let at = 0;
  let star = -1;
  /** Where the run that `star` stands for ends. */
  let end = 0;
  for (let i = 0; i < name.length; ) {
    if (pattern[at] === "*") {
      star = at++;
      end = i;
    } else if (pattern[at] === "?" || pattern[at] === name[i]) {
      at++;
      i++;
    } else if (star >= 0) {
      at = star + 1;
      i = ++end;
    } else {
      return false;
    }
  }
  while (pattern[at] === "*") at++;
  return at === pattern.length;
}
