import { advance } from './course.ts'
import type { Streak, Trail } from './decision.ts'
import type { Answer, Observation } from './observation.ts'

function extend(streak: Streak | undefined, answer: Answer<unknown>, at: number): Streak {
  const result = answer.ok ? 'ok' : answer.failure
  return streak?.result === result ? { ...streak, looks: streak.looks + 1 } : { result, since: at, looks: 1 }
}

/** Forgets that the consensus client ended: whoever keeps the node out for a repair ends it on purpose. */
export function forgetEnds(trail: Trail): Trail {
  return trail.course ? { ...trail, course: { ...trail.course, ends: [] } } : trail
}

/** Adds a look to what is remembered of a node. */
export function remember(trail: Trail | undefined, observation: Observation): Trail {
  return {
    ...trail,
    observation,
    course: advance(trail?.course, trail?.observation, observation),
    consensus: extend(trail?.consensus, observation.consensus, observation.at),
    execution: extend(trail?.execution, observation.execution, observation.at),
  }
}
