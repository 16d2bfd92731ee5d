import assert from "node:assert/strict";
import { test } from "node:test";
import { ConsoleBoard } from "../../src/model/board/testing/console-board.ts";
import { EINVAL } from "../../src/model/util/errno.ts";
import { Rig } from "./rig.ts";

const userVm = (vcpus: number, cpuAffinity: number) => {
  const { board } = new ConsoleBoard("@stdio:p", { vcpus, config: { cpuAffinity } });
  return board.hypervisor.userVm;
};
const pcpus = (vcpus: number, cpuAffinity: number) =>
  userVm(vcpus, cpuAffinity).createdVcpus.map(({ pcpuId }) => pcpuId);

test("vCPUs run on the pCPUs that are named, in their order", () => {
  assert.deepEqual(pcpus(2, 0b1010), [1, 3]);
  assert.deepEqual(pcpus(4, 0b1010), [1, 3], "as many as are named");
  assert.deepEqual(pcpus(1, 2 ** 30), [30]);
});

test("without a word about it a VM has all pCPUs of its configuration, one for each CPU of the guest", () => {
  assert.deepEqual(pcpus(2, 0), [0, 1]);
});

test("a guest with fewer CPUs has the first ones", () => {
  assert.deepEqual(pcpus(1, 0b1010), [1]);
});

test("pCPUs that its configuration does not have are refused in the hypervisor's words", () => {
  for (const cpuAffinity of [0b100, 0b101, 2 ** 40]) {
    const rig = new Rig({ vcpus: 2, cpuAffinity });
    assert.equal(rig.createVm(), -EINVAL);
    const asked = `0x${cpuAffinity.toString(16)}`;
    assert.ok(rig.messages.includes(`hypervisor: Post-launched VM1 chooses invalid pCPUs(${asked}).`));
  }
});
