import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { App } from 'aws-cdk-lib'
import { Template } from 'aws-cdk-lib/assertions'
import { type AppConfig, parseAppConfig } from '../../lib/cdk/app-config.ts'
import { BatonStack, type BatonStackProps } from '../../lib/cdk/stack.ts'

const file = (name: string) => readFileSync(new URL(`../../${name}`, import.meta.url), 'utf8')
const { context } = JSON.parse(file('cdk.json')) as { context: Record<string, unknown> }

/** The sample configuration, as written. */
export const sample = () => JSON.parse(file('samples/baton.config.json')) as Record<string, unknown>

/** The sample configuration with some fields replaced, checked; in another region with the zones of that one. */
export function configure(change: Record<string, unknown> = {}): AppConfig {
  const json = JSON.stringify({ ...sample(), ...change })
  const { region } = change
  const isPlaced = typeof region !== 'string' || 'network' in change
  return parseAppConfig(isPlaced ? json : json.replaceAll(/"zone":"eu-west-1([abc])"/g, `"zone":"${region}$1"`))
}

const outdirs = mkdtempSync(join(tmpdir(), 'baton-synth-'))
process.on('exit', () => rmSync(outdirs, { recursive: true, force: true }))

type Flags = Partial<BatonStackProps> & {
  /** CDK's own rules for templates take longer than all the rest: `sh test/cdk/lint.sh` asks for them. */
  readonly validated?: boolean
}

/** The app as `npx cdk synth` builds it, without bundling. */
export function build(config: AppConfig = configure(), { validated = false, ...flags }: Flags = {}) {
  const outdir = mkdtempSync(join(outdirs, 'app-'))
  const app = new App({
    outdir,
    context: { ...context, 'aws:cdk:bundling-stacks': [] },
    builtinCloudFormationValidation: validated,
  })
  const { account, region } = config
  const env = { ...(account !== undefined && { account }), ...(region !== undefined && { region }) }
  const stack = new BatonStack(app, 'Baton-prod', {
    env,
    config,
    documents: true,
    privateGate: true,
    metricMath: true,
    ...flags,
  })
  return { app, stack }
}

const templates = new Map<string, Template>()

/** The template of a configuration, made once and read-only: who changes the stack builds its own. */
export function synthesize(config: AppConfig = configure(), flags: Flags = {}): Template {
  const key = JSON.stringify([config, flags])
  const template = templates.get(key) ?? Template.fromStack(build(config, flags).stack)
  if (!templates.has(key)) freeze(template.toJSON())
  templates.set(key, template)
  return template
}

function freeze(value: unknown): void {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return
  Object.freeze(value)
  for (const each of Object.values(value)) freeze(each)
}

/** A resource of a template. */
export type Resource = {
  readonly Type: string
  readonly Properties: Record<string, unknown>
  readonly DeletionPolicy?: string
  readonly UpdateReplacePolicy?: string
}

/** All resources of one type, by logical id. */
export function resourcesOf(template: Template, type: string): [string, Resource][] {
  return Object.entries(template.findResources(type)) as [string, Resource][]
}
