import type { Snapshot } from '../context/inspect.ts'
import { printable } from '../protocol/printable.ts'

/** What one kind of client says it is: one sentence if all agree, else who differs. */
export type Versions = {
  readonly client: 'consensus' | 'execution'
  readonly sentence: string
  readonly skewed: boolean
}

/** The versions of the nodes' clients, as they tell them themselves; a client nobody tells of is left out. */
export function formatVersions({ view: { observed, nodes } }: Snapshot): readonly Versions[] {
  return (['consensus', 'execution'] as const).flatMap((client) => {
    const byVersion = new Map<string, string[]>()
    for (const { name } of nodes) {
      const answer = observed[name]?.observation[client]
      if (!answer?.ok || answer.value.version === undefined) continue
      byVersion.set(answer.value.version, [...(byVersion.get(answer.value.version) ?? []), name])
    }
    if (byVersion.size === 0) return []
    const skewed = byVersion.size > 1
    const groups = [...byVersion].map(([version, names]) => (skewed ? `${names.join(', ')}: ${version}` : version))
    return [{ client, sentence: printable(groups.join('; ')), skewed }]
  })
}
