import * as v from 'valibot'
import { region, text } from '../config/fields.ts'

const id = (kind: string) => v.pipe(v.string(), v.regex(new RegExp(`^${kind}-[0-9a-f]{8,17}$`)))
const cidr = v.pipe(v.string(), v.regex(/^(\d{1,3}\.){3}\d{1,3}\/\d{1,2}$/))
const days = v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(3650))

const network = v.strictObject({
  vpc: id('vpc'),
  subnets: v.pipe(
    v.array(v.strictObject({ id: id('subnet'), zone: v.pipe(v.string(), v.regex(/^[a-z]{2}(-[a-z]+)+-\d[a-z]$/)) })),
    v.minLength(1),
  ),
  securityGroup: v.exactOptional(id('sg')),
  endpoints: v.optional(v.array(v.picklist(['dynamodb', 's3', 'ssm'])), []),
  routeTables: v.optional(v.array(id('rtb')), []),
})

const gate = v.variant('access', [
  v.strictObject({
    access: v.literal('private-api'),
    clients: v.optional(v.array(v.union([cidr, id('sg')])), []),
    endpoint: v.exactOptional(id('vpce')),
  }),
  v.strictObject({ access: v.literal('sidecar') }),
])

/** The configuration of a deployment, as written. Its chains are checked one by one, by the rules they are read with. */
export const appSchema = v.strictObject({
  name: v.optional(v.pipe(v.string(), v.regex(/^[A-Za-z][A-Za-z0-9-]{0,30}$/)), 'baton'),
  account: v.exactOptional(v.pipe(v.string(), v.regex(/^\d{12}$/))),
  region: v.exactOptional(region),
  network: v.exactOptional(network),
  gate,
  monitorMemory: v.exactOptional(v.pipe(v.number(), v.integer(), v.minValue(128), v.maxValue(10_240))),
  globalHeads: v.exactOptional(v.strictObject({ replicas: v.array(region), witness: v.exactOptional(region) })),
  archiveDays: v.exactOptional(days),
  logDays: v.exactOptional(v.picklist([1, 3, 5, 7, 14, 30, 60, 90, 180, 365])),
  tracing: v.exactOptional(v.boolean()),
  alarms: v.optional(
    v.strictObject({
      email: v.exactOptional(v.pipe(v.string(), v.email())),
      runbook: v.exactOptional(v.pipe(v.string(), v.url())),
    }),
    {},
  ),
  approvers: v.optional(v.array(v.pipe(v.string(), v.regex(/^arn:aws[a-z-]*:iam::\d{12}:(user|role)\/.+$/))), []),
  chains: v.pipe(v.array(v.looseObject({})), v.minLength(1)),
  zkChains: v.optional(v.array(v.looseObject({})), []),
  $schema: v.exactOptional(text),
})

/** What {@link appSchema} makes of a configuration. */
export type WrittenApp = v.InferOutput<typeof appSchema>
