import { toJsonSchema } from '@valibot/to-json-schema'
import type { GenericSchema } from 'valibot'
import { jsonSchemas } from '../../bin/json.ts'
import { appSchema, expectedOfApp } from '../../lib/cdk/app-schema.ts'
import { expected } from '../../lib/config/expected.ts'
import { configSchema } from '../../lib/config/schema.ts'

const FOLDER = 'docs/reference/schemas'

/** A JSON schema, as far as it is walked here. */
type Schema = {
  description?: string
  properties?: Record<string, Schema>
  items?: Schema
  additionalProperties?: Schema | boolean
  anyOf?: Schema[]
  oneOf?: Schema[]
  allOf?: Schema[]
}

/** Every published JSON schema, by its path: of each kind of output, and of both configurations for editors. */
export function schemaDocuments(): Readonly<Record<string, string>> {
  const outputs = Object.entries(jsonSchemas).map(
    ([kind, schema]) => [`output/${kind}`, publish(schema, `baton --json: ${kind}`)] as const,
  )
  const chain = described(publish(configSchema, 'chain.json of Baton'), expected)
  const app = publish(appSchema, 'baton.config.json of Baton')
  // Each chain of a deployment has the fields of a chain but these.
  const { properties = {}, ...rest } = publish(configSchema, '')
  const { store: _, gate: __, page: ___, $schema: ____, ...fields } = properties
  if (app.properties?.chains)
    app.properties.chains.items = described({ ...rest, properties: unsecret(fields) }, expected)
  const schemas = Object.fromEntries([...outputs, ['chain', chain], ['deployment', described(app, expectedOfApp)]])
  return Object.fromEntries(
    Object.entries(schemas).map(([name, schema]) => [
      `${FOLDER}/${name}.schema.json`,
      `${JSON.stringify(schema, null, 2)}\n`,
    ]),
  )
}

/** What one writes, not what is made of it. What JSON schema cannot say is checked by Baton alone. */
function publish(schema: GenericSchema, title: string): Schema {
  const { $schema, ...rest } = toJsonSchema(schema, { typeMode: 'input', errorMode: 'ignore' })
  return { $schema, title, ...rest } as Schema
}

/** In a deployment the nodes' secrets are in the Parameter Store. */
function unsecret(fields: Record<string, Schema>): Record<string, Schema> {
  const { nodes } = fields
  const node = nodes?.items as (Schema & { required?: string[] }) | undefined
  if (!nodes || !node) return fields
  const { secrets: _, ...properties } = node.properties ?? {}
  const required = node.required?.filter((name) => name !== 'secrets')
  return { ...fields, nodes: { ...nodes, items: { ...node, properties, ...(required && { required }) } as Schema } }
}

/** Adds to each field what to write there. */
function described(schema: Schema, write: Readonly<Record<string, string>>, path = ''): Schema {
  const at = (name: string) => (path === '' ? name : `${path}.${name}`)
  const forms = (list: Schema[] | undefined) => list?.map((form) => described(form, write, path))
  const { properties, items, additionalProperties, anyOf, oneOf, allOf } = schema
  const text = path === '' ? undefined : write[path]
  return {
    ...schema,
    ...(text !== undefined && { description: text }),
    ...(properties && {
      properties: Object.fromEntries(
        Object.entries(properties).map(([name, each]) => [name, described(each, write, at(name))]),
      ),
    }),
    ...(items && { items: described(items, write, at('*')) }),
    ...(typeof additionalProperties === 'object' && {
      additionalProperties: described(additionalProperties, write, at('*')),
    }),
    ...(anyOf && { anyOf: forms(anyOf) ?? [] }),
    ...(oneOf && { oneOf: forms(oneOf) ?? [] }),
    ...(allOf && { allOf: forms(allOf) ?? [] }),
  }
}
