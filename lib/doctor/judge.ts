import { refusesWrongHash } from '../chain/sequencer.ts'
import type { ChainConfig } from '../config/chain-config.ts'
import type { Answer } from '../protocol/observation.ts'
import { breaksPromise } from '../protocol/uncommitted.ts'
import type { Examined } from './examine-node.ts'
import { type Finding, finding } from './finding.ts'

/** Blocks carry whole seconds, and op-node refuses those too far ahead: this much is worth a person's look. */
const CLOCK_MS = 1_500

/** Judges one node by itself. What needs the node's answer is skipped when it gives none. */
export function judgeNode(examined: Examined, { chain }: Pick<ChainConfig, 'chain'>): Finding[] {
  const { name } = examined
  const of = (check: Finding['check'], ...details: Parameters<typeof finding>[2]) => finding(check, name, details)
  const away = 'op-node does not answer'
  const up = examined.status.ok || (examined.status.failure === 'method' && examined.rollup.ok)
  return [
    up
      ? of('op-node', 'ok', 'answers')
      : of(
          'op-node',
          'bad',
          failure(examined.status, away),
          todoOf(examined.status, `Start op-node on ${name}, or correct its "consensus" URL`),
        ),
    examined.chain.ok && examined.chain.value.chainId !== undefined
      ? of('execution', 'ok', 'answers')
      : of(
          'execution',
          'bad',
          failure(examined.chain, 'the execution client does not name its chain'),
          todoOf(examined.chain, `Start the execution client of ${name}, or correct its "execution" URL`),
        ),
    of('chain', ...judgeChain(examined, chain)),
    ...(up
      ? [
          of('admin', ...judgeAdmin(examined)),
          of('conductor', ...judgeConductor(examined)),
          of('peers', ...judgePeers(examined)),
        ]
      : (['admin', 'conductor', 'peers'] as const).map((check) => of(check, 'skipped', away))),
    of('clock', ...judgeClock(examined)),
    of('wired', ...judgeWired(examined)),
  ]
}

type Told = Parameters<typeof finding>[2]

function failure(asked: Answer<unknown>, otherwise: string): string {
  return asked.ok ? otherwise : `${otherwise}: ${asked.message}`
}

/** Node's codes for a certificate that it does not trust, that is over, or that is another host's. */
const CERTIFICATE = /CERT|SELF_SIGNED|ERR_TLS|UNABLE_TO_(GET|VERIFY)/

/** A server with a certificate that is not accepted was reached: it need not be started. */
function todoOf(asked: Answer<unknown>, otherwise: string): string {
  const refused = !asked.ok && CERTIFICATE.test(asked.message)
  return refused ? 'Renew its certificate, or name its authority in NODE_EXTRA_CA_CERTS' : otherwise
}

function judgeChain({ name, rollup, chain: execution }: Examined, chain: ChainConfig['chain']): Told {
  const wrong: string[] = []
  if (rollup.ok && rollup.value.l2ChainId !== BigInt(chain.id))
    wrong.push(`op-node is on chain ${rollup.value.l2ChainId}`)
  const blockTimeMs = rollup.ok ? Number(rollup.value.blockTime) * 1_000 : undefined
  // Blocks below a second share a timestamp: op-node counts whole seconds.
  if (blockTimeMs !== undefined && chain.blockTimeMs >= 1_000 && blockTimeMs !== chain.blockTimeMs)
    wrong.push(`its block time is ${blockTimeMs} ms, the configuration says ${chain.blockTimeMs} ms`)
  const id = execution.ok ? execution.value.chainId : undefined
  if (id !== undefined && id !== BigInt(chain.id)) wrong.push(`the execution client is on chain ${id}`)
  const genesis = execution.ok ? execution.value.genesis : undefined
  if (
    rollup.ok &&
    genesis !== undefined &&
    rollup.value.genesis.l2.number === 0n &&
    rollup.value.genesis.l2.hash !== genesis
  )
    wrong.push("the execution client's genesis differs from op-node's")
  if (wrong.length > 0) {
    return [
      'bad',
      `${wrong.join('; ')}; the configuration says ${chain.id}`,
      `Correct chain.id, or the URLs of ${name}`,
    ]
  }
  return rollup.ok && id !== undefined ? ['ok', `chain ${id}`] : ['skipped', 'a client does not name its chain']
}

function judgeAdmin({ name, active }: Examined): Told {
  return active.ok
    ? ['ok', 'the admin API answers']
    : ['bad', failure(active, 'the admin API does not answer'), `Restart op-node on ${name} with --rpc.enable-admin`]
}

function judgeConductor({ name, conductor }: Examined): Told {
  if (!conductor.ok) return ['skipped', 'the admin API does not answer']
  if (conductor.value === true) return ['ok', '--conductor.enabled']
  const todo = `Restart op-node on ${name} with --conductor.enabled and --conductor.rpc`
  return conductor.value === false
    ? ['bad', 'runs without a conductor: its blocks would be published without a commit', todo]
    : ['warn', 'is too old to say whether it asks a conductor', todo]
}

function judgePeers({ name, peers }: Examined): Told {
  if (peers.ok && peers.value > 0) return ['ok', `${peers.value} connected`]
  const text = peers.ok ? 'op-node has no peers' : failure(peers, 'op-node does not report its peers')
  return ['warn', text, `Check the p2p port, peers and firewall of ${name}`]
}

function judgeClock({ name, clock }: Examined): Told {
  if (!clock) return ['skipped', 'no answer carries a date']
  const { aheadMs, uncertainMs } = clock
  const seconds = (Math.abs(aheadMs) / 1_000).toFixed(1)
  if (Math.abs(aheadMs) - uncertainMs <= CLOCK_MS) return ['ok', 'agrees with the clock here']
  const text = `is ${seconds} s ${aheadMs > 0 ? 'ahead of' : 'behind'} the clock here`
  return ['bad', text, `Check the clocks of ${name} and of this machine (chronyc tracking)`]
}

function judgeWired({ name, reach, active, version }: Examined): Told {
  switch (reach?.reach) {
    case undefined:
      if (active.ok && active.value) return ['skipped', 'sequences: not asked']
      if (version.ok && !refusesWrongHash(version.value))
        return ['skipped', 'its version is none of op-node: it might start']
      return ['skipped', 'not asked: needs --wired']
    case 'proved':
      return ['ok', 'its conductor answers that it does not lead']
    case 'unreachable':
      return ['bad', `its conductor does not answer: ${reach.message}`, `Correct --conductor.rpc of ${name}`]
    case 'misled':
      return ['bad', 'its conductor says that it leads', `Correct --conductor.rpc of ${name}: one URL for each node`]
    case 'no-sequencer':
      return [
        'bad',
        'runs without a sequencer',
        `Restart op-node on ${name} with --sequencer.enabled --sequencer.stopped`,
      ]
    case 'ignores-hash':
      return [
        'bad',
        `started on a block that does not exist, and was ${reach.stopped ? 'stopped again' : 'not stopped'}`,
        reach.stopped ? `Run op-node on ${name}` : `Stop ${name} with admin_stopSequencer, and run op-node there`,
      ]
    default:
      return ['warn', 'it is not known which conductor it asks', `Read the op-node log of ${name}`]
  }
}

/** Judges the nodes beside each other. */
export function judgeFleet(examined: readonly Examined[], { policy }: Pick<ChainConfig, 'policy'>): Finding[] {
  return [judgeLeader(examined), ...judgeSync(examined, policy.maxSwitchoverLag), ...judgeVersions(examined)]
}

function judgeLeader(examined: readonly Examined[]): Finding {
  const sequencing = examined.filter(({ active }) => active.ok && active.value).map(({ name }) => name)
  const all = examined.every(({ active }) => active.ok)
  if (sequencing.length === 1) return finding('leader', undefined, ['ok', `${sequencing[0]} sequences`])
  if (sequencing.length > 1) {
    const text = `${sequencing.join(' and ')} sequence at once`
    return finding('leader', undefined, ['bad', text, 'Stop all but the leader with admin_stopSequencer'])
  }
  const text = all ? 'no node sequences' : 'no node that answers sequences'
  return finding('leader', undefined, ['warn', text, 'Find out who should, before Baton takes the chain over'])
}

function judgeSync(examined: readonly Examined[], most: bigint): Finding[] {
  const heads = examined.map(({ status }) => (status.ok ? status.value.unsafe.number : 0n))
  const newest = heads.reduce((a, b) => (a > b ? a : b), 0n)
  return examined.map(({ name, status }) => {
    if (!status.ok) return finding('sync', name, ['skipped', 'op-node does not say'])
    const lag = newest - status.value.unsafe.number
    if (lag <= most) return finding('sync', name, ['ok', `at block ${status.value.unsafe.number}`])
    return finding('sync', name, ['warn', `is ${lag} blocks behind`, `Wait until ${name} has caught up`])
  })
}

function judgeVersions(examined: readonly Examined[]): Finding[] {
  const common = (versions: readonly string[]) =>
    versions.toSorted(
      (a, b) => versions.filter((each) => each === b).length - versions.filter((each) => each === a).length,
    )[0]
  const reported = (pick: (one: Examined) => Answer<string>) => examined.flatMap((one) => known(pick(one)) ?? [])
  const usual = {
    consensus: common(reported(({ version }) => version)),
    execution: common(reported((one) => one.executionVersion)),
  }
  return examined.map((one) => {
    const [consensus, execution] = [known(one.version), known(one.executionVersion)]
    if (!consensus) return finding('versions', one.name, ['skipped', 'op-node names no version'])
    if (breaksPromise(consensus)) {
      const text = `runs ${consensus}, which is not op-node: it may publish what is not committed`
      return finding('versions', one.name, ['bad', text, `Run op-node on ${one.name}`])
    }
    if (!refusesWrongHash(consensus)) {
      const text = `runs ${consensus}: it is not known whether that is an op-node, which publishes nothing uncommitted`
      return finding('versions', one.name, ['warn', text, `Make sure that ${one.name} runs a build of op-node`])
    }
    const odd = [consensus, execution].filter(
      (each, i) => each !== undefined && each !== [usual.consensus, usual.execution][i],
    )
    if (odd.length === 0) return finding('versions', one.name, ['ok', [consensus, execution].join(', ')])
    const text = `runs ${odd.join(' and ')}; others run ${usual.consensus}, ${usual.execution}`
    return finding('versions', one.name, ['warn', text, 'Finish the upgrade before the move'])
  })
}

const known = <T>(asked: Answer<T>): T | undefined => (asked.ok ? asked.value : undefined)
