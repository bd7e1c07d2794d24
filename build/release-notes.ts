import { readFileSync } from 'node:fs'
import { join } from 'node:path'

/** Prints what CHANGELOG.md says of a release, for `node build/release-notes.ts vX.Y.Z`. */
const root = join(import.meta.dirname, '..')
const read = (file: string) => readFileSync(join(root, file), 'utf8')
const { version } = JSON.parse(read('package.json')) as { version: string }

const [, , tag] = process.argv
try {
  process.stdout.write(releaseNotes(tag ?? '', version, read('CHANGELOG.md')))
} catch (error) {
  process.stderr.write(`${(error as Error).message}\n`)
  process.exitCode = 1
}

function releaseNotes(given: string, expected: string, changelog: string): string {
  if (given !== `v${expected}`) throw new Error(`The tag ${given} is not v${expected}, the version in package.json.`)
  const section = changelog.split(/^## /m).find((each) => each.startsWith(`${expected} `))
  const [heading = '', ...lines] = section?.split('\n') ?? []
  if (!/^\S+ – \d{4}-\d{2}-\d{2}$/.test(heading)) {
    throw new Error(`CHANGELOG.md has no heading "## ${expected} – YYYY-MM-DD".`)
  }
  return `${lines.join('\n').trim()}\n`
}
