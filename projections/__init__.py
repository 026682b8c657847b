"""The views: pure folds of a stream's records, and the observables that publish them.

`root.RootFold` folds the whole stream without the content of threads, `chat.ChatFold` the content
of one chat. `views` makes the values readers see of them, `hub.Hub` publishes these; `live` is the
only module that knows reactivex. Nothing here does I/O or asks a clock.
"""
