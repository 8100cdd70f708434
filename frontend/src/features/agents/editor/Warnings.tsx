/** What the server has to say against the saved draft: what keeps it from being published, and what is worth a look. */
import { Alert, Anchor, Text } from '@mantine/core'
import { IconAlertTriangle } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import { api } from '@/api/client'
import { useTenant } from '@/api/session'
import { sectionOf } from './form'
import type { Draft } from './useDraft'
import classes from './editor.module.css'

export function Warnings({ draft }: { draft: Draft }) {
  const { t } = useTranslation('agents')
  const { path, may } = useTenant()
  const { agent, etag } = draft.stored
  const { data: warnings = [] } = useQuery({
    queryKey: ['agent-check', agent.id, etag],
    queryFn: async () =>
      (await api.POST('/api/v1/agents/check', { body: { config: agent.config } })).data!.warnings,
    // A key that was added on another page takes its warning away.
    staleTime: 0,
  })
  if (warnings.length === 0) return null
  return (
    <Alert color="amber" my="md" icon={<IconAlertTriangle size={18} />} title={t('warnings')}>
      <ul className={classes.warnings}>
        {warnings.map(({ field, code, detail }) => (
          <li key={`${field} ${code}`}>
            <Anchor
              component="button"
              type="button"
              size="sm"
              onClick={() => draft.setSection(sectionOf(field))}
            >
              {t(`sections.${sectionOf(field)}`)}
            </Anchor>
            <Text span size="sm" ml={8}>
              {detail}
            </Text>{' '}
            {code === 'no_key' && may('keys.read') && (
              <Anchor component={Link} to={path('vendors')} size="sm">
                {t('toVendors')}
              </Anchor>
            )}
          </li>
        ))}
      </ul>
    </Alert>
  )
}
