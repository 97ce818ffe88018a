"""What runs inside Rasa: policy, language generation, importer, classifier, channel; and the pure `bot.procedures`."""
