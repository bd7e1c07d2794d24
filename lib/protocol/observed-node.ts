import type { ObservationWindow, ObservedNode } from './decision.ts'
import { followDerivation } from './derivation.ts'
import type { Standing } from './identity.ts'
import { followNode, historySetBack } from './node-history.ts'
import { type Answer, isSilence, type Observation } from './observation.ts'
import { followFed } from './top-up.ts'

function extend(window: ObservationWindow | undefined, answer: Answer<unknown>, at: number): ObservationWindow {
  const result = answer.ok ? 'ok' : answer.failure
  return window && areAlike(window.result, result)
    ? { result, since: window.since, samples: window.samples + 1 }
    : { result, since: at, samples: 1 }
}

/** A node that is cut off in one sample and behind a proxy's error in the next was silent in both. */
function areAlike(a: ObservationWindow['result'], b: ObservationWindow['result']): boolean {
  return a === b || (a !== 'ok' && b !== 'ok' && isSilence(a) && isSilence(b))
}

/** Forgets that the consensus client ended: a repair that quarantines the node ends it on purpose. */
export function forgetEnds(known: ObservedNode): ObservedNode {
  return known.history ? { ...known, history: { ...known.history, ends: [] } } : known
}

/** Forgets the start that failed: the node has committed since. */
export function forgetFailedStart({ failedStart: _, ...known }: ObservedNode): ObservedNode {
  return known
}

/** Fields that only a full observation asks for. */
type Seldom = { readonly version?: string; readonly peers?: number; readonly sdm?: boolean }

function keepPast<V extends Seldom>(past: Answer<V> | undefined, now: Answer<V>): Answer<V> {
  if (!past?.ok || !now.ok) return now
  const { version = past.value.version, peers = past.value.peers, sdm = past.value.sdm } = now.value
  if (version === now.value.version && peers === now.value.peers && sdm === now.value.sdm) return now
  const kept = {
    ...(version !== undefined && { version }),
    ...(peers !== undefined && { peers }),
    ...(sdm !== undefined && { sdm }),
  }
  return { ok: true, value: { ...now.value, ...kept } }
}

/** After that, another program may run there. */
const isGone = (answer: Answer<unknown>) => !answer.ok && answer.failure === 'refused'

/**
 * Moves remembered times to the present clock. When a clock that was ahead is corrected, durations stay as they were:
 * with the old times nothing would last for hours.
 */
function byClock(known: ObservedNode, at: number): ObservedNode {
  const ahead = known.observation.at - at
  if (ahead <= 0) return known
  const window = (given: ObservationWindow) => ({ ...given, since: given.since - ahead })
  const { consensus, execution, history, fed, failedStart } = known
  return {
    ...known,
    consensus: window(consensus),
    execution: window(execution),
    ...(history && { history: historySetBack(history, ahead) }),
    ...(fed && { fed: { ...fed, since: fed.since - ahead } }),
    ...(failedStart && { failedStart: { ...failedStart, at: failedStart.at - ahead } }),
  }
}

/** Adds an observation to a node's memory; what a brief one leaves out comes from the one before. */
export function remember(given: ObservedNode | undefined, observation: Observation, identity?: Standing): ObservedNode {
  const known = given && byClock(given, observation.at)
  const past = known?.observation
  const { identity: _, fed: fedBefore, published, engine, ...kept } = known ?? {}
  const fed = observation.consensus.ok ? followFed(fedBefore, observation.consensus.value) : fedBefore
  return {
    ...kept,
    ...(identity && { identity }),
    observation: {
      ...observation,
      consensus: keepPast(past?.consensus, observation.consensus),
      execution: keepPast(past?.execution, observation.execution),
    },
    ...(observation.consensus.ok && {
      derivation: followDerivation(known?.derivation, observation.consensus.value),
    }),
    ...(fed && { fed }),
    ...(engine && !isGone(observation.execution) && { engine }),
    ...(published && !isGone(observation.consensus) && { published }),
    history: followNode(known?.history, known?.observation, observation),
    consensus: extend(known?.consensus, observation.consensus, observation.at),
    execution: extend(known?.execution, observation.execution, observation.at),
  }
}
