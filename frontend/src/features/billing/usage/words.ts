import { useTranslation } from 'react-i18next'
import { isComponent } from './usage'

/** A component of the costs in words; one that is new is shown as it is. */
export function useComponentName() {
  const { t } = useTranslation('billing')
  return (name: string): string => (isComponent(name) ? t(`component.${name}`) : name.replaceAll('_', ' '))
}
