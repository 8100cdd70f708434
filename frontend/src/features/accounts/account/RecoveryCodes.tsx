import { Button, Group, SimpleGrid, Stack, Text } from '@mantine/core'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { accounts } from '@/api/accounts'
import { useMe } from '@/api/session'
import { confirmDanger, done, failed } from '@/components/forms'
import { Section } from '@/components/Section'
import { Loaded } from '@/components/states'
import { saveAs } from './download'
import { useSensitive } from './Reauthentication'
import { authenticatorsQuery } from './requests'

const PATH = 'account/authenticators/recovery-codes'

export function RecoveryCodes() {
  const { t } = useTranslation('accounts')
  const { data: me } = useMe()
  const client = useQueryClient()
  const sensitive = useSensitive()
  const query = useQuery(authenticatorsQuery)
  const [codes, setCodes] = useState<string[]>()

  const fetchCodes = (method: 'GET' | 'POST') =>
    sensitive(() =>
      accounts<{ unused_codes?: string[] }>(method, PATH, method === 'POST' ? {} : undefined),
    ).then((answer) => {
      if (!answer) return
      if (!answer.data.unused_codes) return failed(new Error(t('codesHidden')))
      setCodes(answer.data.unused_codes)
      if (method === 'POST') done(t('codesMade'))
      return client.invalidateQueries(authenticatorsQuery)
    }, failed)
  const makeNew = () =>
    confirmDanger({
      title: t('codesNew'),
      text: t('codesNewText'),
      confirm: t('codesNew'),
      cancel: t('cancel'),
      onConfirm: () => void fetchCodes('POST'),
    })
  const title = t('codesFile', { email: me?.user.email ?? '' })

  return (
    <Section title={t('codesTitle')} text={t('codesText')}>
      <Loaded query={query} rows={1}>
        {(authenticators) => {
          const kept = authenticators.find(({ type }) => type === 'recovery_codes')
          if (!kept)
            return (
              <Text size="sm" c="dimmed">
                {t('codesNone')}
              </Text>
            )
          return (
            <Stack align="flex-start">
              <Text size="sm">
                {t('codesLeft', { count: kept.unused_code_count ?? 0, total: kept.total_code_count ?? 0 })}
              </Text>
              {codes && (
                <SimpleGrid cols={2} spacing="xl" verticalSpacing={4} aria-label={title}>
                  {codes.map((code) => (
                    <span key={code} className="tl-mono">
                      {code}
                    </span>
                  ))}
                </SimpleGrid>
              )}
              <Group gap="xs">
                {codes ? (
                  <Button
                    variant="default"
                    onClick={() => saveAs('recovery-codes.txt', [title, '', ...codes, ''])}
                  >
                    {t('codesDownload')}
                  </Button>
                ) : (
                  <Button variant="default" onClick={() => void fetchCodes('GET')}>
                    {t('codesShow')}
                  </Button>
                )}
                <Button variant="default" onClick={makeNew}>
                  {t('codesNew')}
                </Button>
              </Group>
            </Stack>
          )
        }}
      </Loaded>
    </Section>
  )
}
