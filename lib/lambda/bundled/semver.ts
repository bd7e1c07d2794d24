/**
 * Stands in for `semver` in the bundles: X-Ray's SDK asks it once whether Node is newer than 8.0.0,
 * which is not worth 29 kB at every cold start.
 */
export function gte(version: string, than: string): boolean {
  const [have, want] = [version, than].map((text) => text.split('.').map(Number))
  for (let i = 0; i < 3; i++) {
    const difference = (have?.[i] ?? 0) - (want?.[i] ?? 0)
    if (difference !== 0) return difference > 0
  }
  return true
}
