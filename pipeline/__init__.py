"""The stages that turn a selfie into a song: values in, values out, no database and no chat."""
