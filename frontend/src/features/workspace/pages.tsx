/** The pages of this feature and their texts, as the routes load them. */
export { AuditPage } from './audit/AuditPage'
export { KeysPage } from './keys/KeysPage'
export { ReferencePage } from './reference/ReferencePage'
export { SettingsPage } from './settings/SettingsPage'
export { TeamPage } from './team/TeamPage'
export { VendorsPage } from './vendors/VendorsPage'
export { workspace as texts } from './texts'
