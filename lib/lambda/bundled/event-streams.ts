/**
 * Stands in for the SDK's event streams in the bundles: no operation of DynamoDB has one, and they are
 * 15 kB at every cold start. The SDK loads them when it first meets one.
 */
export class EventStreamSerde {
  constructor() {
    throw new Error('event streams are left out of this bundle: see lib/cdk/bundling.ts')
  }
}

export const eventStreamSerdeProvider = () => new EventStreamSerde()
