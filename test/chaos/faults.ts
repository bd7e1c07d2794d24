import { cancelSwitchover, switchover } from '../../lib/operator/switchover.ts'
import type { Rig } from '../real/baton/rig.ts'
import type { Host, HostProgram } from '../real/devnet/host.ts'
import { pause } from '../real/devnet/wait.ts'

/** Numbers from 0 to 1 that follow from a seed. */
export type Random = () => number

/** Something that goes wrong, and how it is mended. */
export type Fault = {
  readonly name: string
  /** Does the harm; resolves with how to mend it. */
  readonly strike: (rig: Rig, host: Host, random: Random) => Promise<() => Promise<void>>
}

const nothing = async () => {}

const kill = (what: 'op-node' | 'execution' | 'host'): Fault => ({
  name: `${what} killed`,
  async strike(_, host) {
    if (what !== 'execution') await host.killOpNode()
    if (what !== 'op-node') await host.killExecution()
    return async () => {
      if (!host.execution.process.running) await host.startExecution()
      if (!host.opNode.process.running) await host.startOpNode()
    }
  },
})

/** Another fault of the round may have ended it already. */
const runs = (host: Host, program: HostProgram) =>
  (program === 'execution' ? host.execution : host.opNode).process.running

const freeze = (program: HostProgram): Fault => ({
  name: `${program} frozen`,
  async strike(_, host) {
    if (runs(host, program)) host.freeze(program)
    return async () => host.thaw(program)
  },
})

/** Frozen for a third of the time, in bursts: a machine without the CPU it needs. */
const slow = (program: HostProgram): Fault => ({
  name: `${program} slow`,
  async strike(_, host) {
    let slowed = true
    const done = (async () => {
      while (slowed) {
        if (runs(host, program)) host.freeze(program)
        await pause(150)
        host.thaw(program)
        await pause(300)
      }
    })()
    return async () => {
      slowed = false
      await done
    }
  },
})

/** Everything that can go wrong in a round. */
export const faults: readonly Fault[] = [
  kill('op-node'),
  kill('execution'),
  kill('host'),
  freeze('op-node'),
  freeze('execution'),
  slow('op-node'),
  slow('execution'),
  {
    name: 'cut from the gate',
    async strike({ wire }, host) {
      wire.refuseCommitsOf(host.name)
      return async () => wire.refuseCommitsOf(undefined)
    },
  },
  {
    name: 'reply lost',
    async strike({ wire }) {
      wire.intercept(() => 'drop')
      return nothing
    },
  },
  {
    name: 'host killed between commit and reply',
    async strike({ wire }, host) {
      let dying = Promise.resolve()
      wire.intercept(async ({ node }) => {
        if (node !== host.name) return 'pass'
        dying = host.kill()
        await dying
        return 'drop'
      })
      return async () => {
        wire.intercept(() => 'pass')
        await dying
        if (!host.execution.process.running) await host.startExecution()
        if (!host.opNode.process.running) await host.startOpNode()
      }
    },
  },
  {
    name: 'gate killed',
    async strike(rig) {
      await rig.gate.kill()
      return async () => {
        if (!rig.gate.running) await rig.startGate()
      }
    },
  },
  {
    name: 'gate frozen',
    async strike({ gate }) {
      if (gate.running) gate.freeze()
      return async () => gate.thaw()
    },
  },
  {
    name: 'monitor killed',
    async strike(rig) {
      await rig.monitors[0]?.kill()
      return async () => {
        if (!rig.monitors[0]?.running) rig.startMonitor(0)
      }
    },
  },
  {
    name: 'monitor frozen',
    async strike({ monitors }) {
      if (monitors[0]?.running) monitors[0].freeze()
      return async () => monitors[0]?.thaw()
    },
  },
  {
    name: 'store gone',
    async strike(rig) {
      await rig.loseStore()
      return async () => rig.restoreStore()
    },
  },
  {
    name: 'switchover asked for',
    async strike({ ports }, host) {
      await switchover(ports, { to: host.name, by: 'chaos' }).catch(nothing)
      return async () => void (await cancelSwitchover(ports, 'chaos').catch(nothing))
    },
  },
]
