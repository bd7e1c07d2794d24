import { stripVTControlCharacters } from 'node:util'
import { toJsonSchema } from '@valibot/to-json-schema'
import type { GenericSchema } from 'valibot'
import { commands } from '../../bin/cli.ts'
import { exitCodes } from '../../bin/errors.ts'
import { jsonSchemas } from '../../bin/json.ts'
import { globals } from '../../bin/options.ts'
import { appSchema, expectedOfApp } from '../../lib/cdk/app-schema.ts'
import { expected } from '../../lib/config/expected.ts'
import { configSchema } from '../../lib/config/schema.ts'
import { DETAIL_TYPE, decisionSchema } from '../../lib/lambda/decision-event.ts'
import { type Panel, panels } from '../../lib/panels.ts'
import { catalog, type Definition } from '../../lib/prometheus/catalog.ts'
import { keyMeanings } from '../../lib/terminal/watch-keys.ts'
import { grafanaDashboard } from './grafana.ts'
import { schemaDocuments } from './schemas.ts'

const GENERATED = '<!-- Written by "npm run docs". Change the definitions in the code, not this file. -->'

/** The documents that follow from code, by their path. */
export async function referenceDocuments(): Promise<Readonly<Record<string, string>>> {
  return {
    'docs/cli.md': await cliDocument(),
    'docs/reference/chain.md': chainDocument(),
    'docs/reference/deployment.md': deploymentDocument(),
    'docs/reference/schemas/decision-event.schema.json': decisionEventSchema(),
    'docs/reference/metrics.md': metricsDocument(),
    'samples/grafana.json': `${JSON.stringify(grafanaDashboard(), undefined, 2)}\n`,
    ...schemaDocuments(),
  }
}

/** A row of a table in a command's help: what to write, and what it means. */
type Row = readonly [term: string, meaning: string]

/** What the help of a command says, without what every command has. */
type Help = { readonly summary: string; readonly usage: string; readonly rows: readonly Row[] }

async function cliDocument(): Promise<string> {
  const names = Object.keys(commands)
  const helps = await Promise.all(Object.values(commands).map(async ({ usage }) => readHelp(await usage())))
  const overview = names.map((name, i) => [`[\`${name}\`](#baton-${name})`, helps[i]?.summary ?? ''] as const)
  const shared = Object.entries(globals).map(([name, { description }]) => [`\`--${name}\``, description] as const)
  const codes = Object.values(exitCodes).map(({ code, meaning }) => [String(code), meaning] as const)
  const sections = helps.flatMap(({ summary, usage, rows }, i) => [
    `## baton ${names[i]}`,
    `${summary}.`,
    `\`\`\`\n${usage}\n\`\`\``,
    ...(rows.length > 0
      ? [
          table(
            ['argument', 'meaning'],
            rows.map(([term, meaning]) => [`\`${term}\``, meaning]),
          ),
        ]
      : []),
  ])
  return page(
    '# The command line',
    GENERATED,
    'In a clone, `baton …` is `npm run baton -- …`. `baton COMMAND --help` prints the same texts.',
    table(['command', 'does'], overview),
    'Every command that works on a chain takes:',
    table(['option', 'meaning'], shared),
    '## Keys of baton watch',
    'On a terminal, `baton watch` takes single keys. An act asks first: `y` does it, any other key does not. Ctrl-C ends it at once and leaves the terminal as it was.',
    table(
      ['key', 'does'],
      keyMeanings.map(([key, does]) => [`\`${key}\``, does]),
    ),
    '## JSON',
    'With `--json` a result is one object with `version` (1) and `kind`; `baton watch --json` writes one a line. An error is such an object on stderr, of the kind `error`, with the exit code below. The version grows when a field goes or changes its meaning; ignore fields that you do not know. `docs/reference/schemas/output` has a JSON schema for each kind:',
    Object.keys(jsonSchemas)
      .map((kind) => `[${kind}](reference/schemas/output/${kind}.schema.json)`)
      .join(' · '),
    '## Completion',
    '`source <(baton completion bash)` in `~/.bashrc`, the same with `zsh` in `~/.zshrc`, `baton completion fish | source` in `~/.config/fish/config.fish`. Commands, options and the names of the nodes are completed.',
    '## Exit codes',
    'Scripts may rely on these numbers.',
    table(['code', 'meaning'], codes),
    ...sections,
  )
}

const shared = new Set(Object.keys(globals))

/** Takes a command's help apart: a summary, a line of usage, and two columns for each argument. */
function readHelp(text: string): Help {
  const lines = stripVTControlCharacters(text)
    .split('\n')
    .map((line) => line.trim())
  const usage = lines.find((line) => line.startsWith('USAGE '))?.slice('USAGE '.length) ?? ''
  const rows = lines.flatMap((line): Row[] => {
    const [, term = '', meaning = ''] = /^(\S+)\s{2,}(\S.*)$/.exec(line) ?? []
    const name = /^--(?:no-)?([a-z-]+)/.exec(term)?.[1] ?? term
    const own = !shared.has(name) && !shared.has(`no-${name}`)
    return term !== '' && (own || /config=/.test(term)) ? [[term, meaning]] : []
  })
  const usual = ([term, meaning]: Row) => term.startsWith('--config=') && meaning === globals.config.description
  return { summary: (lines[0] ?? '').replace(/ \(baton.*\)$/, ''), usage, rows: rows.filter((row) => !usual(row)) }
}

function chainDocument(): string {
  return page(
    '# Configuration of a chain',
    GENERATED,
    'One file, JSON or YAML by its name, `chain.json` in the examples: `--config chain.json` for the command line, `baton gate`, `baton monitor` and `npm start`. A deployed chain has the same fields, without `secrets`, `store`, `gate` and `page`, in [`baton.config.json`](deployment.md). A field that is not listed here is refused. An error names the line, the field and what to write; `baton config check FILE` does only that. For help in an editor, let `$schema` name `docs/reference/schemas/chain.schema.json` (in YAML: `# yaml-language-server: $schema=…`).',
    fields(configSchema, expected),
    'What a field of `policy` means, and its default at each block time: `lib/protocol/policy.ts` and [reaction.md](../reaction.md).',
  )
}

function deploymentDocument(): string {
  return page(
    '# Configuration of a deployment',
    GENERATED,
    '`baton.config.json`, read by `npx cdk`. [install.md](../install.md) shows how to fill it in; `samples/baton.config.json` is a start; `-c config=baton.config.yaml` reads YAML. `baton config check` checks it without AWS; its schema for editors is `docs/reference/schemas/deployment.schema.json`. A field that is not listed here is refused.',
    fields(appSchema, expectedOfApp),
    'Each entry of `chains` has the fields of [a chain](chain.md), without `secrets`, `store`, `gate` and `page`. Each entry of `zkChains` is described in [resequence.md](../resequence.md#configuration).',
  )
}

function metricsDocument(): string {
  const rows = Object.entries<Definition>(catalog).map(([name, { type, at, labels, help }]) => [
    `\`${name}\``,
    type,
    at.join(', '),
    labels.map((label) => `\`${label}\``).join(', '),
    help,
  ])
  const boards = panels.map((panel: Panel) => [
    panel.title,
    (panel.prometheus ?? []).map(({ expr }) => `\`${expr}\``).join('<br>'),
    (panel.cloudwatch?.metrics ?? []).map((name) => `\`${name}\``).join(', '),
  ])
  return page(
    '# Metrics for Prometheus',
    GENERATED,
    '[metrics.md](../metrics.md) says where they are served and what to alert on. CloudWatch has [a list of its own](alarms.md#metrics).',
    'Every metric has the label `chain` besides those listed. A gauge is absent while its value is unknown.',
    table(['metric', 'type', 'at', 'labels', 'meaning'], rows),
    '## Panels',
    '`samples/grafana.json` has the first column of expressions, the CloudWatch dashboard of a deployment the second.',
    table(['panel', 'Grafana', 'CloudWatch'], boards),
  )
}

/** What the `detail` of an event holds, for its listeners. */
function decisionEventSchema(): string {
  return `${JSON.stringify({ title: DETAIL_TYPE, ...toJsonSchema(decisionSchema) }, null, 2)}\n`
}

/** A field of a schema: its dotted path (`*` stands for an index), and whether it may be left out. */
export type Field = {
  readonly path: string
  readonly optional: boolean
  readonly byDefault?: unknown
  /** Only some of the forms its object may take have it. */
  readonly ofSome?: boolean
}

/** A valibot schema, as far as it is walked here. */
type Node = GenericSchema & {
  readonly entries?: Readonly<Record<string, Node>>
  readonly item?: Node
  readonly value?: Node
  readonly wrapped?: Node
  readonly default?: unknown
  readonly options?: readonly unknown[]
  readonly pipe?: readonly Node[]
}

/** Every field below a schema, in its order. */
export function fieldsOf(schema: GenericSchema): readonly Field[] {
  return walk(schema as Node, '')
}

function walk({ entries, item, value, wrapped, options = [], pipe }: Node, path: string): readonly Field[] {
  const at = (name: string) => (path === '' ? name : `${path}.${name}`)
  if (wrapped) return walk(wrapped, path)
  if (pipe) return pipe.flatMap((part) => (part.kind === 'schema' ? walk(part, path) : []))
  if (entries)
    return Object.entries(entries).flatMap(([name, each]) => [fieldOf(each, at(name)), ...walk(each, at(name))])
  const inside = item ?? value
  if (inside) return [{ path: at('*'), optional: false }, ...walk(inside, at('*'))]
  return merge(options.filter(isNode).map((option) => walk(option, path)))
}

/** The fields of an object that takes one of several forms. */
function merge(forms: readonly (readonly Field[])[]): readonly Field[] {
  const all = forms.flat()
  const inEach = (path: string) => forms.every((form) => form.some((field) => field.path === path))
  return all
    .filter(({ path }, i) => all.findIndex((other) => other.path === path) === i)
    .map((field) => (inEach(field.path) ? field : { ...field, ofSome: true }))
}

const isNode = (value: unknown): value is Node => typeof value === 'object' && value !== null && 'kind' in value

function fieldOf(schema: Node, path: string): Field {
  const optional = /optional/.test(schema.type)
  return { path, optional, ...(schema.default !== undefined && { byDefault: schema.default }) }
}

function fields(schema: GenericSchema, write: Readonly<Record<string, string>>): string {
  const rows = fieldsOf(schema).flatMap((field) => {
    const meaning = write[field.path]
    return meaning === undefined ? [] : [[`\`${field.path}\``, presence(field), meaning]]
  })
  return table(['field', 'default', 'write'], rows)
}

function presence({ path, optional, byDefault, ofSome }: Field): string {
  if (path.endsWith('*')) return ''
  if (byDefault !== undefined) return `\`${JSON.stringify(byDefault)}\``
  if (optional) return 'optional'
  return ofSome ? 'one of these' : 'required'
}

function table(heading: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`
  return [line(heading), `|${heading.map(() => '---|').join('')}`, ...rows.map(line)].join('\n')
}

const page = (...parts: readonly string[]): string => `${parts.join('\n\n')}\n`
