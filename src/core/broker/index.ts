export { EmbeddedBroker, type EmbeddedBrokerOptions } from './embedded-broker.ts'
export type { ResetMode } from './reset-mode.ts'
export type { StoreChoice } from './store/open-store.ts'
