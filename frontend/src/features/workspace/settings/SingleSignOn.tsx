import { Button, Group, Stack, Text } from '@mantine/core'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { $api } from '@/api/client'
import { Section } from '@/components/Section'
import { Loaded } from '@/components/states'
import { SsoForm } from './SsoForm'

export function SingleSignOn() {
  const { t } = useTranslation('workspace')
  const query = $api.useQuery('get', '/api/v1/sso', {}, { refetchOnWindowFocus: false })
  const [opened, setOpened] = useState(false)
  return (
    <Section title={t('ssoTitle')} text={t('ssoText')}>
      <Loaded query={query}>
        {(sso) =>
          sso.protocol || opened ? (
            <Stack>
              {/* The key: another provider is another form. */}
              <SsoForm key={sso.protocol ?? 'new'} sso={sso} onRemoved={() => setOpened(false)} />
            </Stack>
          ) : (
            <Group>
              <Text size="sm" c="dimmed">
                {t('ssoOff')}
              </Text>
              <Button variant="default" onClick={() => setOpened(true)}>
                {t('ssoSetUp')}
              </Button>
            </Group>
          )
        }
      </Loaded>
    </Section>
  )
}
