/** Ctrl+K: go to any page by name. */
import { Spotlight, spotlight } from '@mantine/spotlight'
import { IconSearch } from '@tabler/icons-react'
import { useNavigate } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import { useTenant } from '@/api/session'
import { places } from './Shell'

export const openPalette = () => spotlight.open()

export function Palette() {
  const { t } = useTranslation('shell')
  const { path, may } = useTenant()
  const navigate = useNavigate()
  const actions = places
    .flatMap(({ items }) => items)
    .filter(({ permission }) => !permission || may(permission))
    .map(({ page, label, icon: Picture }) => ({
      id: page || 'home',
      label: t(label),
      leftSection: <Picture size={17} stroke={1.6} aria-hidden />,
      onClick: () => void navigate({ to: path(page) }),
    }))
  return (
    <Spotlight
      actions={actions}
      shortcut={['mod + K', '/']}
      highlightQuery
      nothingFound={t('searchNothing')}
      searchProps={{
        leftSection: <IconSearch size={17} />,
        placeholder: t('search'),
        'aria-label': t('search'),
      }}
    />
  )
}
