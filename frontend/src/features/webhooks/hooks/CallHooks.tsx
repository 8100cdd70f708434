/** What the tenant's own program decides while a call waits: one address for each moment. */
import { Button, Stack, Text } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { IconPlus } from '@tabler/icons-react'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { $api, api } from '@/api/client'
import { May } from '@/api/session'
import { Section } from '@/components/Section'
import { SecretOnce } from '@/components/Secret'
import { Loaded } from '@/components/states'
import type { CallHook, Moment } from '../data'
import { Verify } from '../secret/Verify'
import { useEdited } from '@/components/useEdited'
import { HookForm, type Read } from './HookForm'
import { HookTools } from './HookTools'
import { MOMENTS } from './values'

export function CallHooks() {
  const { t } = useTranslation('webhooks')
  const query = $api.useQuery('get', '/api/v1/call-hooks')
  return (
    <Stack gap="lg">
      <Text size="sm" maw={640}>
        {t('hooksText')}
      </Text>
      <Loaded query={query} rows={6}>
        {({ results }) =>
          MOMENTS.map((moment) => (
            <Section key={moment} title={t(`moment.${moment}`)} text={t(`momentText.${moment}`)}>
              <Hook moment={moment} hook={results.find((one) => one.moment === moment) ?? null} />
            </Section>
          ))
        }
      </Loaded>
    </Stack>
  )
}

function Hook({ moment, hook }: { moment: Moment; hook: CallHook | null }) {
  const { t } = useTranslation('webhooks')
  const [beginning, begin] = useDisclosure()
  const [secret, setSecret] = useState<string>()
  if (!hook && !beginning)
    return (
      <Stack align="flex-start">
        <Text size="sm" c="dimmed">
          {t('hookNone')}
        </Text>
        <May permission="webhooks.write">
          <Button variant="default" leftSection={<IconPlus size={16} />} onClick={begin.open}>
            {t('hookSetUp')}
          </Button>
        </May>
      </Stack>
    )
  return (
    <Stack gap="lg">
      {secret && (
        <>
          <SecretOnce value={secret} />
          <Verify />
        </>
      )}
      {hook ? (
        <>
          <HookTools hook={hook} onGone={() => setSecret(undefined)} />
          <HookSettings moment={moment} />
        </>
      ) : (
        <HookForm
          moment={moment}
          read={null}
          saved={({ secret: made }) => {
            setSecret(made)
            begin.close()
          }}
          cancel={begin.close}
        />
      )}
    </Stack>
  )
}

function HookSettings({ moment }: { moment: Moment }) {
  const { query, ...edited } = useEdited(['get', '/api/v1/call-hooks/{moment}', moment, 'edited'], () =>
    read(moment),
  )
  return (
    <Loaded query={query}>
      {(state) => <HookForm key={state.etag} moment={moment} read={state} {...edited} />}
    </Loaded>
  )
}

async function read(moment: Moment): Promise<Read> {
  const { data, response } = await api.GET('/api/v1/call-hooks/{moment}', { params: { path: { moment } } })
  return { hook: data!, etag: response.headers.get('ETag') ?? '' }
}
