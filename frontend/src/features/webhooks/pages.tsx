/** The pages of this feature and their texts, as the routes load them. */
export { EndpointPage } from './endpoint/EndpointPage'
export { WebhooksPage } from './list/WebhooksPage'
export { webhooks as texts } from './texts'
