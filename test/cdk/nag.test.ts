import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Validations } from 'aws-cdk-lib'
import { AwsSolutionsChecks } from 'cdk-nag'
import { beforeEach, expect, test, vi } from 'vitest'
import { build, configure } from './app.ts'
import { zk } from './zk-chain.ts'

/** Findings of cdk-nag that stay, where (a part of the construct's path), and why. */
const explained: readonly { readonly rule: RegExp; readonly where: RegExp; readonly reason: string }[] = [
  {
    rule: /IAM5\[Resource::<BatonStoreArchive.*\/901\/(spill|payloads|sightings)\/\*\]/,
    where: /FunctionRole/,
    reason: 'Objects of one chain and kind: their names are the numbers and hashes of blocks, and the names of nodes.',
  },
  {
    rule: /IAM5\[Resource::arn:.*:parameter\/baton\/prod\/chains\/901\/(nodes\/\*\/secrets|gate\/\*)\]/,
    where: /Gate\/FunctionRole/,
    reason:
      'The secrets of one chain. An ARN for each node and role of ten chains is longer than the rights of a role.',
  },
  {
    rule: /IAM5\[Resource::<BatonStoreArchive.*\/resequence\/1101\/\*\]/,
    where: /Resequence\/FunctionRole/,
    reason: "Journals of one chain's runs: their names are the numbers of runs and entries.",
  },
  {
    rule: /IAM5\[Resource::\*\]/,
    where: /(Monitor|Conductor|Act|Widget|Switchover|Backfill|CrashRecovery|Disaster|Upgrade|Resequence)\/FunctionRole/,
    reason:
      'Lambda attaches functions to a VPC and sends traces with these actions; neither EC2 nor X-Ray knows a resource for them. Of a command on a machine only its id is known.',
  },
  {
    rule: /IAM5\[Resource::\*\]/,
    where: /(Switchover|Backfill|CrashRecovery|Disaster|Upgrade|Resequence)\/Role/,
    reason: 'Step Functions sets up the delivery of its logs, and traces, with these actions; they know no resource.',
  },
  {
    rule: /IAM5\[Resource::\*\]/,
    where: /Gate\/Canary\/Role/,
    reason: 'CodeDeploy reads the alarms that take a new version back; the action knows no narrower resource.',
  },
  {
    rule: /IAM5\[Resource::arn:.*:execution:.*:\*\]/,
    where: /Documents\/Role|Policies\/Operator/,
    reason: 'Executions of one state machine: their names are made when they start.',
  },
  {
    rule: /IAM5\[Resource::<Baton(Monitor|Act|Widget)Function.*\.Arn>:\*\]/,
    where: /SchedulerRole|Policies\/(Viewer|Operator)/,
    reason: 'CDK grants the versions of a function with the function.',
  },
  {
    rule: /IAM5\[Resource::\*\]/,
    where: /Policies\/(Viewer|Operator)/,
    reason: "The console's lists and graphs ask with actions that know no resource.",
  },
  {
    rule: /IAM5\[Resource::arn:.*:automation-(definition|execution)\/.*\*\]/,
    where: /Policies\/Operator/,
    reason:
      "Executions are named when they start. A definition is that of a document of this Baton, whose role the policy names: another Baton's role cannot be passed.",
  },
  {
    rule: /IAM5\[Resource::(<BatonStoreArchive.*|arn:.*:parameter\/baton\/prod\/chains\/.*)\]/,
    where: /Policies\/Cli/,
    reason: 'The command line works on every chain of this Baton, whose archive and parameters these are.',
  },
  {
    rule: /-S1$/,
    where: /Store\/Archive/,
    reason:
      'Server access logs of a bucket that only our functions reach would cost more than the bucket; CloudTrail data events tell the same where they are wanted.',
  },
  { rule: /-SQS3$/, where: /DeadLetters/, reason: 'It is itself the dead-letter queue.' },
  {
    rule: /-APIG(1|6)$/,
    where: /Gate\/Api/,
    reason:
      'Logs of the API would need a role in the settings of the whole account; the gate counts and logs each call it refuses.',
  },
  {
    rule: /-APIG2$/,
    where: /Gate\/Api/,
    reason:
      'The gate checks each request itself, since it also runs without an API; a model of JSON-RPC would only repeat a part of that.',
  },
  {
    rule: /-APIG3$/,
    where: /Gate\/Api/,
    reason: 'Only a VPC endpoint reaches the API, whose security group names the callers.',
  },
  {
    rule: /-(APIG4|COG4)$/,
    where: /Gate\/Api/,
    reason:
      'op-node can send nothing but Basic credentials: the gate checks a secret per node; the probes tell nothing.',
  },
]

/** Synthesis with cdk-nag ends the process with an exit code of its own. */
beforeEach(() => {
  const before = process.exitCode
  return () => {
    process.exitCode = before
  }
})

type Report = {
  readonly pluginReports: readonly {
    readonly violations: readonly {
      readonly ruleName: string
      readonly violatingConstructs: readonly { readonly constructPath: string }[]
    }[]
  }[]
}

/** What cdk-nag finds when the findings that `acknowledge` names are acknowledged. */
function find(acknowledge: readonly Finding[] = []): Finding[] {
  const { app } = build(configure({ zkChains: [zk] }))
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app))
  for (const { rule, path } of acknowledge) {
    const construct = app.node.findAll().find(({ node }) => node.path === path)
    const reason = explained.find((each) => each.rule.test(rule) && each.where.test(path))?.reason
    if (construct && reason) Validations.of(construct).acknowledge({ id: `AwsSolutions::${rule}`, reason })
  }
  const quiet = [vi.spyOn(console, 'error'), vi.spyOn(console, 'log'), vi.spyOn(process.stderr, 'write')]
  for (const spy of quiet) spy.mockReturnValue(true as never)
  try {
    app.synth()
  } catch {
    // It throws when there are findings; they are read from the report below.
  } finally {
    for (const spy of quiet) spy.mockRestore()
  }
  const report = JSON.parse(readFileSync(join(app.outdir, 'validation-report.json'), 'utf8')) as Report
  return report.pluginReports
    .flatMap(({ violations }) => violations)
    .flatMap(({ ruleName: rule, violatingConstructs }) =>
      violatingConstructs.map(({ constructPath: path }) => ({ rule, path })),
    )
}

type Finding = { readonly rule: string; readonly path: string }

const isExplained = ({ rule, path }: Finding) => explained.some((each) => each.rule.test(rule) && each.where.test(path))

const findings = find()

test('cdk-nag looked', () => {
  expect(findings.length).toBeGreaterThan(5)
})

test('every finding is explained', () => {
  expect(findings.filter((finding) => !isExplained(finding))).toEqual([])
})

test.each(explained)('"$reason" explains something that is found', ({ rule, where }) => {
  expect(findings.some((finding) => rule.test(finding.rule) && where.test(finding.path))).toBe(true)
})

test('with these acknowledged, an app that runs cdk-nag synthesises', () => {
  expect(find(findings)).toEqual([])
})
