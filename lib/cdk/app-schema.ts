import * as v from 'valibot'
import { region, text } from '../config/fields.ts'

const id = (kind: string) => v.pipe(v.string(), v.regex(new RegExp(`^${kind}-[0-9a-f]{8,17}$`)))
const cidr = v.pipe(v.string(), v.regex(/^((25[0-5]|2[0-4]\d|1?\d?\d)(\.|(?=\/))){4}\/(3[0-2]|[12]?\d)$/))
const stream = v.pipe(v.string(), v.regex(/^arn:aws[a-z-]*:dynamodb:[a-z0-9-]+:\d{12}:table\/[^/]+\/stream\/.+$/))
const tableName = v.pipe(v.string(), v.regex(/^[\w.-]{3,255}$/))
const bucketName = v.pipe(v.string(), v.regex(/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/))
const days = v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(3650))

const alarmTarget = v.union([
  v.pipe(v.string(), v.email()),
  v.pipe(v.string(), v.url(), v.startsWith('https://')),
  v.pipe(v.string(), v.regex(/^arn:aws[a-z-]*:sns:[a-z0-9-]+:\d{12}:[\w-]{1,256}$/)),
])

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

/** The configuration of a deployment, as written. Each chain is checked separately, by the rules that read it later. */
export const appSchema = v.strictObject({
  name: v.optional(v.pipe(v.string(), v.regex(/^[A-Za-z][A-Za-z0-9-]{0,30}$/)), 'baton'),
  account: v.exactOptional(v.pipe(v.string(), v.regex(/^\d{12}$/))),
  region: v.exactOptional(region),
  network: v.exactOptional(network),
  gate,
  monitor: v.exactOptional(v.picklist(['lambda', 'hosts'])),
  monitorMemory: v.exactOptional(v.pipe(v.number(), v.integer(), v.minValue(128), v.maxValue(10_240))),
  globalHeads: v.exactOptional(v.strictObject({ replicas: v.array(region), witness: v.exactOptional(region) })),
  store: v.exactOptional(
    v.strictObject({
      heads: tableName,
      headsStream: stream,
      leases: tableName,
      history: tableName,
      historyStream: stream,
      payloads: v.exactOptional(tableName),
      bucket: bucketName,
    }),
  ),
  terminationProtection: v.exactOptional(v.boolean()),
  archiveDays: v.exactOptional(days),
  logDays: v.exactOptional(v.picklist([1, 3, 5, 7, 14, 30, 60, 90, 180, 365])),
  tracing: v.exactOptional(v.boolean()),
  dashboard: v.exactOptional(v.boolean()),
  alarms: v.optional(
    v.strictObject({
      email: v.exactOptional(v.pipe(v.string(), v.email())),
      page: v.exactOptional(v.array(alarmTarget)),
      ticket: v.exactOptional(v.array(alarmTarget)),
      note: v.exactOptional(v.array(alarmTarget)),
      runbook: v.exactOptional(v.pipe(v.string(), v.url())),
    }),
    {},
  ),
  // A step of Automation that waits for an approval names ten people at most.
  approvers: v.optional(
    v.pipe(v.array(v.pipe(v.string(), v.regex(/^arn:aws[a-z-]*:iam::\d{12}:(user|role)\/.+$/))), v.maxLength(10)),
    [],
  ),
  chains: v.pipe(v.array(v.looseObject({})), v.minLength(1)),
  zkChains: v.optional(v.array(v.looseObject({})), []),
  $schema: v.exactOptional(text),
})

/** The output of {@link appSchema}. */
export type WrittenApp = v.InferOutput<typeof appSchema>

const ALARM_TARGET =
  'an e-mail address, a URL such as "https://events.pagerduty.com/…", or "arn:aws:sns:eu-west-1:123456789012:oncall"'

/** The expected value of each field of a deployment's configuration; `*` stands for an index. */
export const expectedOfApp: Readonly<Record<string, string>> = {
  '': 'an object with "gate" and "chains", and if needed "name", "account", "region", "network", "monitor", "monitorMemory", "globalHeads", "store", "terminationProtection", "archiveDays", "logDays", "tracing", "dashboard", "alarms", "approvers", "zkChains"',
  name: 'a name of letters, digits and "-", e.g. "prod": it is part of the stack\'s and of all parameters\' names',
  account: 'an account id of twelve digits in quotes, or leave it out to deploy to the one you are logged in to',
  region: 'an AWS region, e.g. "eu-west-1", or leave it out to deploy to the one you are logged in to',
  network: 'an object with "vpc" and "subnets", and if needed "securityGroup", "endpoints", "routeTables"',
  'network.vpc': 'the id of the VPC the nodes are in, e.g. "vpc-0123456789abcdef0"',
  'network.subnets': 'a list of private subnets that reach the nodes: [{"id": "subnet-…", "zone": "eu-west-1a"}]',
  'network.subnets.*': '{"id": "subnet-…", "zone": "eu-west-1a"}',
  'network.subnets.*.id': 'the id of a subnet, e.g. "subnet-0123456789abcdef0"',
  'network.subnets.*.zone': 'the availability zone of the subnet, e.g. "eu-west-1a"',
  'network.securityGroup': 'the id of a security group the nodes let in, or leave it out to have one made',
  'network.endpoints': 'a list of the VPC endpoints to create: "dynamodb", "s3", "ssm"; none if a NAT is there',
  'network.endpoints.*': '"dynamodb", "s3" or "ssm"',
  'network.routeTables':
    'the ids of the subnets\' route tables, e.g. ["rtb-…"]: the endpoints of DynamoDB and S3 are routes',
  'network.routeTables.*': 'the id of a route table, e.g. "rtb-0123456789abcdef0"',
  gate: '{"access": "private-api"} with if needed "clients" and "endpoint", or {"access": "sidecar"}',
  'gate.access': '"private-api" for an API in your VPC, or "sidecar" if each host runs "baton gate"',
  'gate.clients': 'who may call the gate: a list of address ranges ("10.0.0.0/16") and security groups ("sg-…")',
  'gate.clients.*': 'an address range such as "10.0.0.0/16" or a security group such as "sg-0123456789abcdef0"',
  'gate.endpoint': 'the id of an execute-api endpoint of the VPC, e.g. "vpce-…", or leave it out to have one made',
  monitor: '"lambda", or "hosts" if hosts of yours run "baton monitor", with "gate": {"access": "sidecar"}',
  monitorMemory: 'MB from 128 to 10240, e.g. 256',
  globalHeads: '{"replicas": ["eu-central-1"], "witness": "eu-west-3"}, or two replicas and no witness',
  'globalHeads.replicas': 'a list of AWS regions, e.g. ["eu-central-1"]',
  'globalHeads.replicas.*': 'an AWS region, e.g. "eu-central-1"',
  'globalHeads.witness': 'an AWS region, e.g. "eu-west-3"',
  store:
    'the tables and the bucket of an earlier stack: {"heads": "…", "headsStream": "arn:…", "leases": "…", "history": "…", "historyStream": "arn:…", "payloads": "…", "bucket": "…"}; leave it out to have new ones made',
  'store.heads': 'the name of the table of heads: the output HeadsTable of the earlier stack',
  'store.headsStream': 'the ARN of its stream, which "aws dynamodb describe-table" prints as LatestStreamArn',
  'store.leases': 'the name of the table of leases: the output LeasesTable of the earlier stack',
  'store.history': 'the name of the table of history: the output HistoryTable of the earlier stack',
  'store.historyStream': 'the ARN of its stream, which "aws dynamodb describe-table" prints as LatestStreamArn',
  'store.payloads':
    'the name of the table of small payloads: the output PayloadsTable; leave it out if the earlier stack had none',
  'store.bucket': 'the name of the bucket: the output Bucket of the earlier stack',
  terminationProtection: 'false to let "cdk destroy" remove the stack; leave it out otherwise',
  archiveDays: 'days from 1 to 3650 that committed payloads are kept, e.g. 90',
  logDays: 'days that logs are kept: 1, 3, 5, 7, 14, 30, 60, 90, 180 or 365',
  tracing: 'true for X-Ray traces, else false',
  dashboard: 'false to create no dashboard; three are free in an account, each further one costs $3 a month',
  alarms: 'an object with "page", "ticket", "note", "email" and "runbook", or leave it out',
  'alarms.email': 'an e-mail address that gets every alarm',
  'alarms.page': 'who is woken: a list of e-mail addresses, https URLs and ARNs of SNS topics, four topics at most',
  'alarms.page.*': ALARM_TARGET,
  'alarms.ticket': 'who acts on the next working day: a list as of "page"',
  'alarms.ticket.*': ALARM_TARGET,
  'alarms.note': 'who reads what needs no act: a list as of "page"',
  'alarms.note.*': ALARM_TARGET,
  'alarms.runbook':
    'the URL where you publish docs/runbooks.md, or leave it out to have it in the Systems Manager console',
  approvers: 'a list of at most ten ARNs of IAM users or roles, one of whom must agree to dangerous workflows',
  'approvers.*': 'the ARN of an IAM user or role, e.g. "arn:aws:iam::123456789012:role/oncall"',
  chains: 'a list of at least one chain: {"chain": {"id": 901, "name": "…", "blockTime": 2}, "nodes": […]}',
  zkChains: 'a list of cdk-erigon chains that can be re-sequenced, each as in docs/resequence.md without "store"',
  'zkChains.*': 'a chain as in docs/resequence.md, without "store"',
  'chains.*': '{"chain": {"id": 901, "name": "…", "blockTime": 2}, "nodes": […]}',
}
