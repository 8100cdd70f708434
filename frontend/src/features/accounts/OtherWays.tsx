/** Ways in without a password: passkey, providers, the single sign-on of a workspace. */
import { Button, Stack, TextInput } from '@mantine/core'
import { useForm } from '@mantine/form'
import {
  IconBrandGithub,
  IconBrandGoogle,
  IconBuilding,
  IconFingerprint,
  type Icon,
} from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { Answer, SessionData } from '@/api/accounts'
import { FormProblem } from '@/components/forms'
import { asProblem } from '@/api/problem'
import { configQuery } from './config'
import classes from './Entrance.module.css'
import { passkeysSupported, askPasskey } from './passkeys'
import { toProvider } from './providers'

const ICONS: Record<string, Icon> = { google: IconBrandGoogle, github: IconBrandGithub }

interface OtherWaysProps {
  next: string
  onAnswer: (answer: Answer<SessionData>) => void
}

export function OtherWays({ next, onAnswer }: OtherWaysProps) {
  const { t } = useTranslation('accounts')
  const { data: config } = useQuery(configQuery)
  const [sso, setSso] = useState(false)
  const [problem, setProblem] = useState<string | null>(null)

  const passkey = () => {
    setProblem(null)
    askPasskey('webauthn/login', t('passkeyFailed')).then(onAnswer, (error: unknown) =>
      setProblem(asProblem(error).detail),
    )
  }

  return (
    <Stack gap="xs">
      <div className={classes.or}>{t('or')}</div>
      <FormProblem text={problem} />
      {passkeysSupported() && (
        <Button variant="default" leftSection={<IconFingerprint size={18} />} onClick={passkey}>
          {t('withPasskey')}
        </Button>
      )}
      {config?.providers.map(({ id, name }) => {
        const Picture = ICONS[id] ?? IconBuilding
        return (
          <Button
            key={id}
            variant="default"
            leftSection={<Picture size={18} />}
            onClick={() => toProvider(id, `/login?next=${encodeURIComponent(next)}`)}
          >
            {t('withProvider', { name })}
          </Button>
        )
      })}
      {sso ? (
        <SsoForm next={next} />
      ) : (
        <Button variant="default" leftSection={<IconBuilding size={18} />} onClick={() => setSso(true)}>
          {t('withSso')}
        </Button>
      )}
    </Stack>
  )
}

function SsoForm({ next }: { next: string }) {
  const { t } = useTranslation('accounts')
  const form = useForm({
    initialValues: { slug: '' },
    validate: { slug: (slug) => (/^[a-z0-9][a-z0-9-]*$/.test(slug.trim()) ? null : t('ssoSlugNeeded')) },
  })
  return (
    <form
      noValidate
      onSubmit={form.onSubmit(({ slug }) =>
        window.location.assign(`/sso/${slug.trim()}/?next=${encodeURIComponent(next)}`),
      )}
    >
      <Stack gap="xs">
        <TextInput
          label={t('ssoSlug')}
          description={t('ssoSlugHint')}
          autoFocus
          autoCapitalize="none"
          {...form.getInputProps('slug')}
        />
        <Button type="submit" variant="light">
          {t('ssoGo')}
        </Button>
      </Stack>
    </form>
  )
}
