import * as v from 'valibot'
import { rules } from '../../host/step.ts'
import { chain, type Document, flag, type InputOf, inputOf, patterns, seconds } from '../engine/document.ts'
import { text } from '../engine/inputs.ts'

const { pattern, write } = rules.version

/** The input of an upgrade, the same on every surface: console, command line, page. */
export const upgradeFields = {
  chain: chain(),
  to: {
    description: "The version, as the machines' step takes it",
    schema: v.pipe(v.string(`must be ${write}`), v.regex(new RegExp(pattern), `must be ${write}`)),
    console: { name: 'Version', allowedPattern: patterns.version },
    page: { label: 'Version', placeholder: 'v1.16.11' },
    hint: 'version',
  },
  expect: {
    description: "Text a node's version must contain afterwards; a node that has it already is left alone",
    schema: text,
    console: { default: '', allowedPattern: patterns.versionOrNothing },
    page: { label: 'Expected text', placeholder: 'not checked' },
  },
  resume: flag('Continue an upgrade to this version that stopped', false, 'Resume one that stopped (--resume)'),
  alone: flag('Upgrade even if no standby could take over meanwhile', false, 'Allow with no standby (--alone)'),
  within: seconds('Seconds a node has to become eligible again', 'Eligible within (s)', 600),
  bake: seconds(
    'Seconds the new leader must commit before the old one is upgraded',
    'New leader must commit for (s)',
    30,
  ),
  dryRun: flag('Only show the plan and what blocks it'),
}

/** The parsed input of an upgrade; times in seconds. */
export type UpgradeInput = InputOf<typeof upgradeFields>
export const upgradeInput = inputOf(upgradeFields)

/** A rolling upgrade, in the console. */
export const upgradeDocument: Document = {
  guide: `Upgrades every node of a chain, one at a time, the leader last.

**What it does**: excludes a standby from eligibility, runs the step "upgrade" on its machine, waits until it is fit and at the head, re-enables it; then the next one. Then it moves sequencing to an upgraded node, watches it lead for a while, and upgrades the old leader. It does not begin while the chain is unhealthy, another upgrade is under way, an operator keeps a node in quarantine, or no standby could take over.

**When it fails**: it stops at the first node that does not come back. That node stays out of eligibility, the others keep running, and the history says why. Repair the node, then start this again with Resume; or re-enable it: "baton quarantine NODE --lift".

**Undo**: install the old version the same way.`,
  fields: upgradeFields,
  dangerous: true,
  onAbort: { act: 'withdraw' },
}
