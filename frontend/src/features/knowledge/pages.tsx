/** The pages of this feature and their texts, as the routes load them. */
export { BasePage } from './base/BasePage'
export { DocumentPage } from './document/DocumentPage'
export { KnowledgePage } from './list/KnowledgePage'
export { knowledge as texts } from './texts'
