import type { State } from './definition.ts'

/** Goes on to `next`, or to `would` where the input says `dryRun: true`: nothing is changed after that. */
export function unlessDryRun(would: string, next: string): State {
  const asked = [
    { Variable: '$.dryRun', IsPresent: true },
    { Variable: '$.dryRun', BooleanEquals: true },
  ]
  return { Type: 'Choice', Choices: [{ And: asked, Next: would }], Default: next }
}
