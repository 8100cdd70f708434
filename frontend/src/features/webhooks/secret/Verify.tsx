/** How to tell our messages from anybody else's, in the languages that there are receivers for. */
import { Stack, Tabs, Text, Title } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import { CodeBlock } from '@/components/CodeBlock'
import { SNIPPETS } from './snippets'

export function Verify() {
  const { t } = useTranslation('webhooks')
  return (
    <Stack gap="xs">
      <Title order={2} size="h3">
        {t('verifyTitle')}
      </Title>
      <Text size="sm">{t('verifyText')}</Text>
      <Tabs defaultValue="python">
        <Tabs.List>
          {SNIPPETS.map(({ language }) => (
            <Tabs.Tab key={language} value={language}>
              {t(`languages.${language}`)}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        {SNIPPETS.map(({ language, text }) => (
          <Tabs.Panel key={language} value={language} pt="sm">
            <CodeBlock text={text} label={t(`languages.${language}`)} maxHeight={360} />
          </Tabs.Panel>
        ))}
      </Tabs>
    </Stack>
  )
}
