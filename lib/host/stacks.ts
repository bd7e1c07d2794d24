import { cdkErigon } from './cdk-erigon.ts'
import { rules, type Stack, type Step } from './step.ts'

/** systemd gives a client five minutes to flush its memory; a kill loses that data. */
const STOP_MS = 320_000
const START_MS = 60_000
/** Time to fetch a version and restart both clients with it. */
const UPGRADE_MS = 900_000
/** Time to roll a file system back to a snapshot. A remote snapshot takes longer and needs an operator. */
const RESTORE_MS = 600_000

/** The steps of the two processes as systemd units of these names. */
function units({ consensus, execution }: { readonly consensus: string; readonly execution: string }) {
  const control = (verb: string, unit: string, timeoutMs: number): Step => ({
    what: `${verb} of the unit ${unit}`,
    lines: [['systemctl', verb, unit]],
    timeoutMs,
  })
  return {
    'start-consensus': control('start', consensus, START_MS),
    'stop-consensus': control('stop', consensus, START_MS),
    'restart-consensus': control('restart', consensus, START_MS),
    'start-execution': control('start', execution, START_MS),
    'stop-execution': control('stop', execution, STOP_MS),
    'restart-execution': control('restart', execution, STOP_MS + START_MS),
    upgrade: {
      what: 'installs the version named and restarts what it changed, by a program of the machine’s owner',
      lines: [['/usr/local/sbin/baton-upgrade', '{version}']],
      parameters: { version: rules.version },
      timeoutMs: UPGRADE_MS,
    },
    'restore-execution': {
      what: 'puts a snapshot in place of the chain data, the client being stopped, by a program of the machine’s owner',
      lines: [['/usr/local/sbin/baton-restore', '{stamp}']],
      parameters: { stamp: rules.stamp },
      timeoutMs: RESTORE_MS,
    },
  } as const satisfies Stack
}

/** geth keeps chain data in `geth` inside its data folder; keys and static files lie beside it. */
function emptyGeth(data: string, owner: string, program: string, flags: readonly string[]): Stack {
  return {
    // "mv -T" refuses an existing target: a second run changes nothing.
    'empty-execution': {
      what: `moves the chain data of ${data} aside (nothing is deleted) and writes the genesis block again`,
      lines: [
        ['mv', '-T', `${data}/geth`, `${data}/geth.before-{stamp}`],
        ['runuser', '-u', owner, '--', program, 'init', '--datadir', data, ...flags, `${data}/genesis.json`],
      ],
      parameters: { stamp: rules.stamp },
      timeoutMs: 300_000,
    },
  }
}

/**
 * The client stacks that Baton knows, each with the steps allowed on its machines. A step is a fixed command line; a
 * node whose machine differs overrides it in `host.commands` of its configuration.
 */
export const stacks = {
  'op-geth': {
    ...units({ consensus: 'op-node', execution: 'op-geth' }),
    ...emptyGeth('/var/lib/op-geth', 'op-geth', 'geth', ['--state.scheme=path']),
  },
  'bnb-geth': {
    ...units({ consensus: 'op-node', execution: 'op-geth' }),
    ...emptyGeth('/var/lib/op-geth', 'op-geth', 'geth', ['--state.scheme=path', '--db.engine=pebble']),
  },
  /** Its database survives a kill. It can only start from a snapshot: a refill from genesis takes days. */
  'op-reth': units({ consensus: 'op-node', execution: 'op-reth' }),
  'cdk-erigon': cdkErigon,
} as const satisfies Readonly<Record<string, Stack>>

/** The name of a client stack. */
export type StackName = keyof typeof stacks
