/** The pages of this feature and their texts, as the routes load them. */
export { LatencyPage } from './LatencyPage'
export { latency as texts } from './texts'
