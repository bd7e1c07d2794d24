import { Annotations, Match, Template } from 'aws-cdk-lib/assertions'
import { describe, expect, test } from 'vitest'
import { monitorMemory } from '../../lib/cdk/monitor.ts'
import { unpackConfigurations } from '../../lib/config/packed.ts'
import { build, configure, resourcesOf, sample, synthesize } from './app.ts'
import { legible } from './resolve.ts'

const template = synthesize()

describe('what holds data', () => {
  const keeping = ['AWS::DynamoDB::GlobalTable', 'AWS::S3::Bucket', 'AWS::Logs::LogGroup']

  test.each(keeping)('%s outlives the stack, and its own replacement', (type) => {
    const resources = resourcesOf(template, type)
    expect(resources.length).toBeGreaterThan(0)
    for (const [id, { DeletionPolicy, UpdateReplacePolicy }] of resources) {
      expect({ id, DeletionPolicy, UpdateReplacePolicy }).toEqual({
        id,
        DeletionPolicy: 'Retain',
        UpdateReplacePolicy: /Retain/.test(UpdateReplacePolicy ?? '') ? UpdateReplacePolicy : 'Retain',
      })
    }
  })

  test('every table is on demand and protected from deletion; each but the archive can be restored to any second', () => {
    const tables = resourcesOf(template, 'AWS::DynamoDB::GlobalTable')
    expect(tables).toHaveLength(4)
    for (const [id, { Properties }] of tables) {
      expect(Properties).toMatchObject({
        BillingMode: 'PAY_PER_REQUEST',
        Replicas: [
          {
            DeletionProtectionEnabled: true,
            PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: !id.startsWith('BatonStorePayloads') },
          },
        ],
      })
    }
  })

  test('only Heads has a stream, and only History and the archive forget', () => {
    const named = (name: string) =>
      resourcesOf(template, 'AWS::DynamoDB::GlobalTable').find(([id]) => id.includes(name))
    expect(named('Heads')?.[1].Properties.StreamSpecification).toEqual({ StreamViewType: 'NEW_IMAGE' })
    expect(named('Leases')?.[1].Properties.StreamSpecification).toBeUndefined()
    expect(named('Heads')?.[1].Properties.TimeToLiveSpecification).toBeUndefined()
    expect(named('Leases')?.[1].Properties.TimeToLiveSpecification).toBeUndefined()
    for (const forgets of ['History', 'Payloads']) {
      expect(named(forgets)?.[1].Properties.TimeToLiveSpecification).toEqual({
        AttributeName: 'expiresAt',
        Enabled: true,
      })
    }
  })

  test('the bucket is versioned, encrypted, closed to the public, and speaks TLS only', () => {
    template.hasResourceProperties('AWS::S3::Bucket', {
      VersioningConfiguration: { Status: 'Enabled' },
      BucketEncryption: Match.anyValue(),
      PublicAccessBlockConfiguration: {
        BlockPublicAcls: true,
        BlockPublicPolicy: true,
        IgnorePublicAcls: true,
        RestrictPublicBuckets: true,
      },
    })
    template.hasResourceProperties('AWS::S3::BucketPolicy', {
      PolicyDocument: {
        Statement: Match.arrayWith([
          Match.objectLike({ Effect: 'Deny', Condition: { Bool: { 'aws:SecureTransport': 'false' } } }),
        ]),
      },
    })
  })

  test('payloads expire, chain by chain', () => {
    const [, bucket] = resourcesOf(template, 'AWS::S3::Bucket')[0] ?? []
    const { Rules = [] } = (bucket?.Properties.LifecycleConfiguration ?? {}) as { Rules?: object[] }
    expect(Rules).toContainEqual({
      Id: '901-payloads',
      Prefix: '901/payloads/',
      ExpirationInDays: 90,
      Status: 'Enabled',
    })
    expect(Rules).toContainEqual({ Id: '901-spill', Prefix: '901/spill/', ExpirationInDays: 90, Status: 'Enabled' })
  })

  test('Heads in three regions, strongly consistent; synthesis says that only a first deploy can make them', () => {
    const global = configure({ region: 'eu-west-1', globalHeads: { replicas: ['eu-central-1'], witness: 'eu-west-3' } })
    const made = build(global).stack
    const tables = resourcesOf(Template.fromStack(made), 'AWS::DynamoDB::GlobalTable')
    const warnings = Annotations.fromStack(made).findWarning('*', Match.stringLikeRegexp('at the first deploy'))
    expect(warnings.map(({ id }) => id)).toEqual(['/Baton-prod/Baton/Store/Heads'])
    const heads = tables.find(([id]) => id.includes('Heads'))?.[1].Properties
    expect(heads).toMatchObject({
      MultiRegionConsistency: 'STRONG',
      GlobalTableWitnesses: [{ Region: 'eu-west-3' }],
      StreamSpecification: { StreamViewType: 'NEW_IMAGE' },
    })
    const replicas = (heads?.Replicas ?? []) as { Region: string }[]
    expect(replicas.map(({ Region }) => Region).toSorted()).toEqual(['eu-central-1', 'eu-west-1'])
    expect(tables.filter(([, { Properties }]) => 'MultiRegionConsistency' in Properties)).toHaveLength(1)
  })
})

describe('a URL with a password', () => {
  type Chain = { nodes: Record<string, string>[] }
  const warnings = (change: (chain: Chain) => void) => {
    const [chain] = sample().chains as [Chain]
    change(chain)
    const { stack } = build(configure({ chains: [chain] }))
    return Annotations.fromStack(stack)
      .findWarning('*', Match.stringLikeRegexp('password'))
      .map(({ id, entry }) => ({ id, text: String(entry.data) }))
  }

  test('is warned of at synthesis, by field and without the password', () => {
    const [warning, ...others] = warnings(({ nodes: [, b] }) => {
      Object.assign(b ?? {}, { execution: 'http://baton:hunter2@10.0.2.5:8545' })
    })
    expect(others).toEqual([])
    expect(warning).toMatchObject({
      id: '/Baton-prod/Chain901',
      text: expect.stringContaining('has a password (execution of seq-b)'),
    })
    expect(warning?.text).not.toContain('hunter2')
  })

  test('no password, no warning', () => {
    expect(warnings(() => {})).toEqual([])
  })
})

describe('functions', () => {
  const functions = resourcesOf(template, 'AWS::Lambda::Function')
  const named = (name: string) => functions.find(([id]) => id.includes(`${name}Function`))?.[1].Properties

  test('run on Node 24 on arm64, each with a log group and a time-out of its own', () => {
    expect(functions.map(([id]) => id.replace(/Function.*/, '')).toSorted()).toEqual(
      [
        'Act',
        'Announcer',
        'Archiver',
        'Backfill',
        'Conductor',
        'CrashRecovery',
        'Disaster',
        'Gate',
        'Monitor',
        'Settled',
        'Switchover',
        'Upgrade',
        'Widget',
      ].map((name) => `Baton${name}`),
    )
    for (const [, { Properties }] of functions) {
      expect(Properties).toMatchObject({ Runtime: 'nodejs24.x', Architectures: ['arm64'], Handler: 'index.handler' })
      expect(Properties.Timeout).toBeGreaterThan(3)
      expect(Properties.LoggingConfig).toBeDefined()
    }
    for (const [, { Properties }] of resourcesOf(template, 'AWS::Logs::LogGroup')) {
      expect(Properties.RetentionInDays).toBe(30)
    }
  })

  test('know tables, bucket, chains and parameters', () => {
    for (const [, { Properties }] of functions) {
      expect(legible(Properties.Environment)).toMatchObject({
        Variables: {
          BATON_NAME: 'prod',
          BATON_HEADS_TABLE: '<BatonStoreHeads>',
          BATON_LEASES_TABLE: '<BatonStoreLeases>',
          BATON_HISTORY_TABLE: '<BatonStoreHistory>',
          BATON_BUCKET: '<BatonStoreArchive>',
          BATON_CHAINS: '901',
          BATON_PARAMETERS: '/baton/prod',
          POWERTOOLS_SERVICE_NAME: 'baton',
          POWERTOOLS_METRICS_NAMESPACE: 'Baton',
        },
      })
    }
    expect(legible(named('Widget')?.Environment)).toMatchObject({
      Variables: { BATON_ACT_FUNCTION_ARN: '<BatonActFunction.Arn>' },
    })
    expect(legible(named('Monitor')?.Environment)).toMatchObject({
      Variables: { BATON_GATE_URL: expect.stringMatching(/^https:\/\/<BatonGateApi>-<.*Endpoint>.*\/baton$/) },
    })
  })

  test('those that talk to nodes are in the VPC; gate and archiver need none', () => {
    const attached = functions
      .filter(([, { Properties }]) => Properties.VpcConfig)
      .map(([id]) => id.replace(/Function.*/, ''))
    expect(attached.toSorted()).toEqual([
      'BatonAct',
      'BatonBackfill',
      'BatonConductor',
      'BatonCrashRecovery',
      'BatonDisaster',
      'BatonMonitor',
      'BatonSwitchover',
      'BatonUpgrade',
      'BatonWidget',
    ])
  })

  test('the monitor starts each minute, is never tried again, and leaves what failed in a queue', () => {
    expect(named('Monitor')).toMatchObject({ ReservedConcurrentExecutions: 4, Timeout: 170 })
    template.hasResourceProperties('AWS::Scheduler::Schedule', {
      ScheduleExpression: 'rate(1 minute)',
      FlexibleTimeWindow: { Mode: 'OFF' },
      State: 'ENABLED',
      Target: {
        RetryPolicy: { MaximumRetryAttempts: 0, MaximumEventAgeInSeconds: 60 },
        DeadLetterConfig: Match.anyValue(),
      },
    })
    template.hasResourceProperties('AWS::Lambda::EventInvokeConfig', {
      MaximumRetryAttempts: 0,
      MaximumEventAgeInSeconds: 60,
      DestinationConfig: { OnFailure: Match.anyValue() },
    })
  })

  test('a run of the monitor that fails is kept, and one starts in its place: never more than one for each scheduled', () => {
    const rule = (id: string) =>
      resourcesOf(template, 'AWS::Events::Rule').find(([name]) => name.startsWith(`BatonMonitor${id}`))?.[1].Properties
    const ofMonitor = { source: ['lambda'], resources: [{ prefix: { 'Fn::GetAtt': [expect.anything(), 'Arn'] } }] }
    expect(rule('Failures')).toMatchObject({ EventPattern: ofMonitor })
    expect(JSON.stringify(rule('Failures')?.Targets)).toContain('DeadLetters')
    expect(rule('Restart')).toMatchObject({
      EventPattern: { ...ofMonitor, detail: { requestPayload: { source: ['baton.schedule'] } } },
      Targets: [{ Input: '{"source":"baton.restart"}', RetryPolicy: { MaximumRetryAttempts: 0 } }],
    })
  })

  test('functions in the VPC have the configurations with them; the gate, which is in none, is not replaced by a change', () => {
    const variables = (name: string) =>
      (named(name)?.Environment as { Variables: Record<string, string> } | undefined)?.Variables
    const parameter = resourcesOf(template, 'AWS::SSM::Parameter').find(([, { Properties }]) =>
      String(Properties.Name).endsWith('/chains/901/config'),
    )
    const wanted = { 901: parameter?.[1].Properties.Value }
    for (const name of ['Monitor', 'Act', 'Widget', 'Switchover']) {
      expect(unpackConfigurations(variables(name)?.BATON_CONFIGURATIONS ?? '')).toEqual(wanted)
    }
    expect(variables('Gate')).not.toHaveProperty('BATON_CONFIGURATIONS')
  })

  test('the archiver splits a bad batch, reports single records, and gives up into a queue', () => {
    template.hasResourceProperties('AWS::Lambda::EventSourceMapping', {
      BisectBatchOnFunctionError: true,
      FunctionResponseTypes: ['ReportBatchItemFailures'],
      StartingPosition: 'TRIM_HORIZON',
      DestinationConfig: { OnFailure: Match.anyValue() },
    })
  })

  test('runs are kept free for commits: five for each chain, ten at least, beside all that proxied calls can take', () => {
    const proxied = Number(named('Conductor')?.ReservedConcurrentExecutions)
    expect(proxied).toBe(10)
    expect(named('Gate')?.ReservedConcurrentExecutions).toBe(10 + proxied)
    const [chain] = sample().chains as { chain: object }[]
    const chains = [901, 902, 903].map((id) => ({ ...chain, chain: { ...chain?.chain, id } }))
    const three = resourcesOf(synthesize(configure({ chains })), 'AWS::Lambda::Function')
    const gate = three.find(([id]) => id.includes('GateFunction'))?.[1].Properties
    expect(gate?.ReservedConcurrentExecutions).toBe(15 + proxied)
    expect(gate?.Environment).toMatchObject({ Variables: { BATON_CHAINS: '901,902,903' } })
  })

  test('the monitor gets more memory, and so CPU, with more chains', () => {
    expect(named('Monitor')?.MemorySize).toBe(256)
    const [chain] = sample().chains as { chain: object }[]
    const chains = [901, 902, 903, 904].map((id) => ({ ...chain, chain: { ...chain?.chain, id } }))
    const memoryOf = (change: object) =>
      resourcesOf(synthesize(configure({ chains, ...change })), 'AWS::Lambda::Function').find(([id]) =>
        id.includes('MonitorFunction'),
      )?.[1].Properties.MemorySize
    expect(memoryOf({})).toBe(384)
    expect(memoryOf({ monitorMemory: 512 })).toBe(512)
  })

  test('the monitor is never given more than a whole CPU: it is one thread', () => {
    expect([1, 2, 3, 25, 26, 1_000].map(monitorMemory)).toEqual([256, 256, 320, 1_728, 1_769, 1_769])
  })

  test('only what operators start is traced unless asked for: X-Ray takes one request a second, which is most commits', () => {
    const started = functions
      .filter(([, { Properties }]) => Properties.TracingConfig)
      .map(([id]) => id.replace(/Function.*/, ''))
    expect(started.toSorted()).toEqual([
      'BatonAct',
      'BatonBackfill',
      'BatonCrashRecovery',
      'BatonDisaster',
      'BatonSwitchover',
      'BatonUpgrade',
      'BatonWidget',
    ])
    const traced = resourcesOf(synthesize(configure({ tracing: true })), 'AWS::Lambda::Function')
    for (const [, { Properties }] of traced) expect(Properties.TracingConfig).toEqual({ Mode: 'Active' })
  })
})

describe('configuration of a chain', () => {
  test('is a parameter without secrets', () => {
    const parameters = resourcesOf(template, 'AWS::SSM::Parameter').map(([, { Properties }]) => Properties)
    const parameter = parameters.find(({ Name }) => Name === '/baton/prod/chains/901/config')
    expect(parameter).toMatchObject({ Type: 'String' })
    const written = JSON.parse(String(parameter?.Value)) as { nodes: object[] }
    expect(written).toMatchObject({ chain: { id: 901, blockTime: 2 } })
    for (const node of written.nodes) expect(node).not.toHaveProperty('secrets')
  })

  test('the outputs name the command that writes the secrets, and the URL for op-node', () => {
    template.hasOutput('Chain901SecretsCommand', {
      Value: Match.stringLikeRegexp(
        // Without --overwrite: run again after a node was added, it must not shut the others out.
        'aws ssm put-parameter --type SecureString --name "/baton/prod/chains/901/nodes/\\$node/secrets',
      ),
    })
    const [, url] = Object.entries(template.findOutputs('Chain901ConductorRpc'))[0] ?? []
    expect(legible(url?.Value)).toMatch(/^https:\/\/seq-a:SECRET@.*\/baton\/v1\/chains\/901\/nodes\/seq-a$/)
  })
})

test('a resource has a name only if an update never replaces it under that name, and the stack takes it along', () => {
  const typed = ['AWS::SSM::Document', 'AWS::SSM::Parameter']
  const read = ['AWS::CloudWatch::Alarm', 'AWS::CloudWatch::Dashboard', 'AWS::SNS::Topic', 'AWS::ApiGateway::RestApi']
  // A function's name in these is a reference, and an alias's name is one within its function.
  const refers = /^AWS::Lambda::(Alias|EventInvokeConfig|EventSourceMapping|Permission|Version)$/
  const naming = [
    'TableName',
    'BucketName',
    'FunctionName',
    'QueueName',
    'RoleName',
    'AlarmName',
    'DashboardName',
    'TopicName',
    'ManagedPolicyName',
    'StateMachineName',
    'Name',
  ]
  const resources = template.toJSON().Resources as Record<
    string,
    { Type: string; Properties?: Record<string, unknown> }
  >
  const named = Object.entries(resources).filter(
    ([, { Type, Properties = {} }]) =>
      !typed.includes(Type) && !refers.test(Type) && naming.some((name) => name in Properties),
  )
  expect(new Set(named.map(([, { Type }]) => Type))).toEqual(new Set(read))
})

test('everything is tagged by the deployment, and synthesis asks AWS for nothing', () => {
  const { app } = build()
  expect(app.synth().manifest.missing ?? []).toEqual([])
})
