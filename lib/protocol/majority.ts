import type { NodeName } from './records.ts'

/** What more than half of them say; `undefined` = no value has a majority. */
export function majority<T>(values: readonly T[]): T | undefined {
  return values.find((value) => values.filter((each) => each === value).length * 2 > values.length)
}

/** Nodes that take their safe chain from one source say one thing between them. */
type Voice = { readonly name: NodeName; readonly derivesFrom?: string }

const voiceOf = ({ name, derivesFrom = name }: Voice): string => derivesFrom

/** The voices of these nodes: each that derives L1 itself, and each source that some follow. */
export const voicesOf = (nodes: readonly Voice[]): string[] => [...new Set(nodes.map(voiceOf))]

/** The voices among `names`: one that several nodes share is heard when more than half of them are there. */
export function heard(nodes: readonly Voice[], names: readonly NodeName[]): string[] {
  return voicesOf(nodes).filter((voice) => {
    const those = nodes.filter((node) => voiceOf(node) === voice)
    return those.filter(({ name }) => names.includes(name)).length * 2 > those.length
  })
}
