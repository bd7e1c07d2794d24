import { Duration, RemovalPolicy } from 'aws-cdk-lib'
import {
  AttributeType,
  Billing,
  type ITableV2,
  MultiRegionConsistency,
  StreamViewType,
  TableEncryptionV2,
  type TablePropsV2,
  TableV2,
} from 'aws-cdk-lib/aws-dynamodb'
import { BlockPublicAccess, Bucket, BucketEncryption, type IBucket, ObjectOwnership } from 'aws-cdk-lib/aws-s3'
import { Construct } from 'constructs'
import { payloadTable } from '../store/objects/payload-table.ts'
import { type TableDefinition, tables } from '../store/stores.ts'

/** Heads in three regions at once: a commit is written in two of them before the node gets its answer. */
export type GlobalHeads = {
  /** The other regions with a full copy: two, or one together with a witness. */
  readonly replicas: readonly string[]
  /** A region that only votes; cheaper than a copy. */
  readonly witness?: string
}

/**
 * Tables and a bucket that exist: of a stack that was destroyed or has another name, or restored from a backup. The
 * stack reads and writes them, and never changes or deletes them.
 */
export type ExistingStore = {
  /** The names of the tables. */
  readonly heads: string
  readonly leases: string
  readonly history: string
  /** The ARN of the stream of `heads`, with new images. */
  readonly headsStream: string
  /** The ARN of the stream of `history`, with new images: events are made from it. */
  readonly historyStream: string
  /** The table of small archived payloads. Default: a new one, for stores from before there was one. */
  readonly payloads?: string
  /** The name of the bucket; its lifecycle rules stay what they are. */
  readonly bucket: string
}

export type BatonStoreProps = {
  /** The tables and the bucket to use. Default: new ones. */
  readonly store?: ExistingStore | undefined
  /**
   * Keeps Heads in several regions, strongly consistent. Every commit then waits for a second region. Default: one
   * region.
   */
  readonly globalHeads?: GlobalHeads | undefined
  /** Retention of committed payloads. Blocks final on L1 can be derived from it again. Default: 90 days. */
  readonly archiveRetention?: Duration | undefined
}

/**
 * The tables and the bucket. All outlive the stack: `cdk destroy` keeps them. CloudFormation would replace a table by an
 * empty one if its logical id changed, which is that of its path in the app: a test pins the four.
 */
export class BatonStore extends Construct {
  readonly heads: ITableV2
  readonly leases: ITableV2
  readonly history: ITableV2
  /** Small archived payloads. */
  readonly payloads: ITableV2
  readonly bucket: IBucket
  /** Retention of committed payloads. */
  readonly archiveRetention: Duration

  constructor(scope: Construct, id: string, props: BatonStoreProps) {
    super(scope, id)
    const { globalHeads, store } = props
    this.archiveRetention = props.archiveRetention ?? Duration.days(90)
    const table = (id: string, definition: TableDefinition, more: Partial<TablePropsV2> = {}) =>
      new TableV2(this, id, { ...tableProps(definition), ...more }) as ITableV2
    const known = (id: string, tableName: string, tableStreamArn?: string) =>
      TableV2.fromTableAttributes(this, id, { tableName, ...(tableStreamArn !== undefined && { tableStreamArn }) })
    const more = globalHeads ? regions(globalHeads) : {}
    this.heads = store ? known('Heads', store.heads, store.headsStream) : table('Heads', tables.heads, more)
    this.leases = store ? known('Leases', store.leases) : table('Leases', tables.leases)
    this.history = store ? known('History', store.history, store.historyStream) : table('History', tables.history)
    // Each item is written once and proved against its hash: a restore to a point in time adds nothing.
    const unrestored = { pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: false } }
    this.payloads =
      store?.payloads === undefined ? table('Payloads', payloadTable, unrestored) : known('Payloads', store.payloads)
    this.bucket = store ? Bucket.fromBucketName(this, 'Archive', store.bucket) : newBucket(this)
  }

  /** Its names, in the format of a configuration file's `store` field. */
  get place(): object {
    const { heads, leases, history, payloads, bucket } = this
    const tables = { heads: heads.tableName, leases: leases.tableName, history: history.tableName }
    return { tables, objects: { kind: 's3', bucket: bucket.bucketName, payloads: payloads.tableName } }
  }

  /** Expires the payloads of a chain. Spilled payloads belong to heads: a stopped chain must keep them as long. */
  expirePayloads(chain: string): void {
    if (!(this.bucket instanceof Bucket)) return
    for (const kind of ['payloads', 'spill']) {
      this.bucket.addLifecycleRule({
        id: `${chain}-${kind}`,
        prefix: `${chain}/${kind}/`,
        expiration: this.archiveRetention,
      })
    }
  }
}

function newBucket(scope: Construct): IBucket {
  const bucket: unknown = new Bucket(scope, 'Archive', {
    versioned: true,
    encryption: BucketEncryption.S3_MANAGED,
    enforceSSL: true,
    minimumTLSVersion: 1.2,
    blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
    objectOwnership: ObjectOwnership.BUCKET_OWNER_ENFORCED,
    removalPolicy: RemovalPolicy.RETAIN,
    lifecycleRules: [
      { id: 'repeated-writes', noncurrentVersionExpiration: Duration.days(1) },
      { id: 'broken-uploads', abortIncompleteMultipartUploadAfter: Duration.days(1) },
    ],
  })
  return bucket as IBucket
}

function tableProps({ partitionKey, sortKey, stream, timeToLive }: TableDefinition): TablePropsV2 {
  return {
    partitionKey: { name: partitionKey, type: AttributeType.STRING },
    ...(sortKey !== undefined && { sortKey: { name: sortKey, type: AttributeType.STRING } }),
    ...(stream !== undefined && { dynamoStream: StreamViewType[stream] }),
    ...(timeToLive !== undefined && { timeToLiveAttribute: timeToLive }),
    billing: Billing.onDemand(),
    encryption: TableEncryptionV2.dynamoOwnedKey(),
    pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
    deletionProtection: true,
    removalPolicy: RemovalPolicy.RETAIN,
  }
}

function regions({ replicas, witness }: GlobalHeads) {
  return {
    replicas: replicas.map((region) => ({ region })),
    multiRegionConsistency: MultiRegionConsistency.STRONG,
    ...(witness !== undefined && { witnessRegion: witness }),
  }
}
