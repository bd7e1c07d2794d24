import { Duration, RemovalPolicy } from 'aws-cdk-lib'
import {
  AttributeType,
  Billing,
  MultiRegionConsistency,
  StreamViewType,
  TableEncryptionV2,
  type TablePropsV2,
  TableV2,
} from 'aws-cdk-lib/aws-dynamodb'
import { BlockPublicAccess, Bucket, BucketEncryption, ObjectOwnership } from 'aws-cdk-lib/aws-s3'
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

export type BatonStoreProps = {
  /**
   * Keeps Heads in several regions, strongly consistent. Every commit then waits for a second region. Default: one
   * region.
   */
  readonly globalHeads?: GlobalHeads | undefined
  /** Retention of committed payloads. Blocks final on L1 can be derived from it again. Default: 90 days. */
  readonly archiveRetention?: Duration | undefined
}

/** The tables and the bucket. All outlive the stack: `cdk destroy` keeps them. */
export class BatonStore extends Construct {
  readonly heads: TableV2
  readonly leases: TableV2
  readonly history: TableV2
  /** Small archived payloads. */
  readonly payloads: TableV2
  readonly bucket: Bucket
  /** Retention of committed payloads. */
  readonly archiveRetention: Duration

  constructor(scope: Construct, id: string, { globalHeads, archiveRetention = Duration.days(90) }: BatonStoreProps) {
    super(scope, id)
    this.archiveRetention = archiveRetention
    this.heads = new TableV2(this, 'Heads', { ...tableProps(tables.heads), ...(globalHeads && regions(globalHeads)) })
    this.leases = new TableV2(this, 'Leases', tableProps(tables.leases))
    this.history = new TableV2(this, 'History', tableProps(tables.history))
    // Each item is written once and proved against its hash: a restore to a point in time adds nothing.
    this.payloads = new TableV2(this, 'Payloads', {
      ...tableProps(payloadTable),
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: false },
    })
    this.bucket = new Bucket(this, 'Archive', {
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
  }

  /** Its names, in the format of a configuration file's `store` field. */
  get place(): object {
    const { heads, leases, history, payloads, bucket } = this
    const tables = { heads: heads.tableName, leases: leases.tableName, history: history.tableName }
    return { tables, objects: { kind: 's3', bucket: bucket.bucketName, payloads: payloads.tableName } }
  }

  /** Expires the payloads of a chain. Spilled payloads belong to heads: a stopped chain must keep them as long. */
  expirePayloads(chain: string): void {
    for (const kind of ['payloads', 'spill']) {
      this.bucket.addLifecycleRule({
        id: `${chain}-${kind}`,
        prefix: `${chain}/${kind}/`,
        expiration: this.archiveRetention,
      })
    }
  }
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
