"""Daily replenishment: which pieces move or are bought for which job or stock target, part by part, exactly."""
