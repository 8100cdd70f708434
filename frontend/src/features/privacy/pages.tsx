/** The pages of this feature and their texts, as the routes load them. */
export { PrivacyPage } from './PrivacyPage'
export { privacy as texts } from './texts'
