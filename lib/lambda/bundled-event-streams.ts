/**
 * Replaces event streams, 15 kB at every cold start: no DynamoDB operation uses one. Needs its own file: the SDK
 * imports it lazily, and esbuild keeps all of such a file.
 */
export class EventStreamSerde {
  constructor() {
    throw new Error('event streams are left out of this bundle: see lib/cdk/bundling.ts')
  }
}

export const eventStreamSerdeProvider = () => new EventStreamSerde()
