/** The pages of this feature and their texts, as the routes load them. */
export { BillingPage } from './BillingPage'
export { billing as texts } from './texts'
