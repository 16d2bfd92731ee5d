import type { TestContext } from "node:test";
import type { Workbench } from "./workbench.ts";

export type Step = (name: string, work: () => Promise<void>) => Promise<void>;

/** Steps of one test in one window; when one fails the rest is not tried. `picture`: what the window's last look is kept as. */
export function stepsOf(t: TestContext, workbench: Workbench, picture: string): Step {
  return async (name, work) => {
    let failure: unknown;
    await t.test(name, async () => {
      await work().catch(async (error) => {
        failure = error;
        await workbench.screenshot(`failed-${picture}`);
        throw error;
      });
    });
    if (failure) throw new Error(`not tried: what comes after "${name}"; see out/screenshots/failed-${picture}.png`);
  };
}
