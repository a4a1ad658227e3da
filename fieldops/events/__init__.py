"""Events told to whoever may hear them: numbered after their commit, streamed, posted to webhooks; and mail."""
